using System.Text.Json;
using Serverless.Pipelines.Orchestration;
using Serverless.Storage;
using Serverless.Storage.Content;
using Serverless.Tracking.Runs;

namespace Serverless.Api.Native.Console;

/// <summary>What runs do, as it was fixed when they were submitted. It never changes, so the last ones are kept.</summary>
internal static class RunDefinitions
{
    private const int Kept = 32;
    private static readonly Lock Gate = new();
    private static readonly Dictionary<string, RunDefinition> Known = new(StringComparer.Ordinal);
    private static readonly Queue<string> Order = new();

    public static async Task<RunDefinition> ReadAsync(ContentStore content, Run run, CancellationToken cancellationToken)
    {
        var digest = run.Pipeline!.DefinitionDigest;
        lock (Gate)
        {
            if (Known.TryGetValue(digest, out var known))
            {
                return known;
            }
        }

        var definition = JsonSerializer.Deserialize<RunDefinition>(
            await content.ReadAsync(digest, cancellationToken),
            StorageJson.Options
        )!;
        lock (Gate)
        {
            if (Known.TryAdd(digest, definition))
            {
                Order.Enqueue(digest);
                if (Order.Count > Kept)
                {
                    Known.Remove(Order.Dequeue());
                }
            }
        }

        return definition;
    }
}
