using System.Text;
using Serverless.Storage.Content;
using Serverless.Tracking.Runs;

namespace Serverless.Api.Mlflow;

/// <summary>Stores long schemas and profiles of datasets in the content store, because a table row cannot hold megabytes.</summary>
internal static class DatasetTexts
{
    private const int MaxInline = 4_000;

    public static async Task<DatasetInput> StoreAsync(DatasetInput input, ContentStore content, CancellationToken cancellationToken)
    {
        if (input.Schema?.Length > MaxInline)
        {
            input = input with { Schema = null, SchemaDigest = await PutAsync(content, input.Schema, cancellationToken) };
        }

        return input.Profile?.Length > MaxInline
            ? input with
            {
                Profile = null,
                ProfileDigest = await PutAsync(content, input.Profile, cancellationToken),
            }
            : input;
    }

    public static async Task<Run> LoadAsync(Run run, ContentStore content, CancellationToken cancellationToken)
    {
        if (!run.Inputs.Any(i => i.SchemaDigest is not null || i.ProfileDigest is not null))
        {
            return run;
        }

        var inputs = await Task.WhenAll(
            run.Inputs.Select(async i =>
                i with
                {
                    Schema = i.SchemaDigest is { } schema ? await GetAsync(content, schema, cancellationToken) : i.Schema,
                    Profile = i.ProfileDigest is { } profile ? await GetAsync(content, profile, cancellationToken) : i.Profile,
                }
            )
        );
        return run with { Inputs = inputs };
    }

    private static async Task<string> PutAsync(ContentStore content, string text, CancellationToken cancellationToken) =>
        (await content.PutBytesAsync(Encoding.UTF8.GetBytes(text), cancellationToken)).Digest;

    private static async Task<string> GetAsync(ContentStore content, string digest, CancellationToken cancellationToken) =>
        Encoding.UTF8.GetString(await content.ReadAsync(digest, cancellationToken));
}
