using System.Text.Json;
using Serverless.Api.Http;
using Serverless.Core;
using Serverless.Tracking.Runs;

namespace Serverless.Api.Mlflow;

/// <summary>Reads a dataset used by a run from a request.</summary>
internal static class DatasetJson
{
    public static DatasetInput Read(JsonElement input)
    {
        if (
            input.ValueKind != JsonValueKind.Object
            || !input.TryGetProperty("dataset", out var dataset)
            || dataset.ValueKind != JsonValueKind.Object
        )
        {
            throw ServerlessException.Invalid("Dataset cannot be None");
        }

        var tags =
            input.TryGetProperty("tags", out var list) && list.ValueKind == JsonValueKind.Array
                ? list.EnumerateArray()
                    .Select(t => new KeyValuePair<string, string>(RestJson.TextOf(t, "key") ?? "", RestJson.TextOf(t, "value") ?? ""))
                    .ToList()
                : [];
        foreach (var (key, value) in tags)
        {
            Check("key", key, 255);
            Check("value", value, 500);
        }

        return new DatasetInput
        {
            Name = Check("name", RestJson.TextOf(dataset, "name") ?? throw Missing("name"), 500),
            Digest = Check("digest", RestJson.TextOf(dataset, "digest") ?? throw Missing("digest"), 36),
            SourceType = RestJson.TextOf(dataset, "source_type") ?? "",
            Source = Check("source", RestJson.TextOf(dataset, "source") ?? "", 65_535),
            Schema = RestJson.TextOf(dataset, "schema") is { } schema ? Check("schema", schema, 1_048_575) : null,
            Profile = RestJson.TextOf(dataset, "profile") is { } profile ? Check("profile", profile, 16_777_215) : null,
            Tags = tags,
        };
    }

    private static ServerlessException Missing(string field) => ServerlessException.Invalid($"Dataset {field} cannot be None");

    private static string Check(string what, string value, int limit)
    {
        MlflowLimits.CheckLength(what, limit, value);
        return value;
    }
}
