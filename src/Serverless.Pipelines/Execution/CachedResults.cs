using System.Text.Json.Nodes;
using Serverless.Pipelines.Components;
using Serverless.Pipelines.Orchestration;

namespace Serverless.Pipelines.Execution;

/// <summary>Finds results in the task cache, and checks that they are still valid.</summary>
internal sealed class CachedResults(TaskExecutorSettings settings)
{
    /// <summary>Returns the recorded result for a key, or null if there is none or it is no longer valid.</summary>
    public async Task<TaskResult?> FindAsync(
        TaskCall call,
        IReadOnlyList<StagedInput> inputs,
        string key,
        ComponentDescriptor? component,
        ITaskJournal journal,
        CancellationToken cancellationToken
    )
    {
        if (await journal.FindCachedAsync(key, cancellationToken) is not { } entry)
        {
            return null;
        }

        var present = await Task.WhenAll(
            entry.Result.Artifacts.Values.Select(a => settings.Store.Content.ExistsAsync(a.Digest, cancellationToken))
        );
        if (!present.All(p => p))
        {
            return null;
        }

        if (component is not null && !await StillHoldsAsync(call, inputs, component, entry, cancellationToken))
        {
            return null;
        }

        return entry.Result with
        {
            IsCacheHit = true,
        };
    }

    private Task<bool> StillHoldsAsync(
        TaskCall call,
        IReadOnlyList<StagedInput> inputs,
        ComponentDescriptor component,
        CacheEntry entry,
        CancellationToken cancellationToken
    )
    {
        var values = new JsonObject(
            entry.Result.Values.Select(v => KeyValuePair.Create(v.Key, (JsonNode?)JsonNode.Parse(v.Value.GetRawText())))
        );
        var recorded = new ComponentOutputs { Values = values, Metrics = new Dictionary<string, double>(entry.Result.Metrics) };
        return component.StillHoldsAsync(
            call.Parameters,
            new Unstaged(inputs),
            recorded,
            settings.ContextOf(call, "", TextWriter.Null),
            cancellationToken
        );
    }

    /// <summary>The files of a component without files, and of the check whether a recorded result is still valid: digests only.</summary>
    private sealed class Unstaged(IReadOnlyList<StagedInput> inputs) : ArtifactPaths
    {
        public override InputPath Input(string name) => new("", name, DigestOf(name, inputs));

        public override OutputPath Output(string name) => new("", name);
    }
}
