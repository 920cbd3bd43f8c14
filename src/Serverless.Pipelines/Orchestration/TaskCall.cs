using System.Text.Json;
using Serverless.Pipelines.Model;
using Serverless.Storage.Content;

namespace Serverless.Pipelines.Orchestration;

/// <summary>Everything that one attempt of a task needs. It is addressed by its path and attempt, not by the order of calls.</summary>
public sealed record TaskCall
{
    public required string RunId { get; init; }

    public required string ExperimentId { get; init; }

    public required string Pipeline { get; init; }

    /// <summary>Task names from the outermost graph on, loop positions in brackets: `train[2]/fit`.</summary>
    public required string Path { get; init; }

    /// <summary>1 for the first.</summary>
    public required int Attempt { get; init; }

    public required ComponentSpec Component { get; init; }

    public IReadOnlyDictionary<string, JsonElement> Parameters { get; init; } = new Dictionary<string, JsonElement>();

    public IReadOnlyDictionary<string, JsonElement> Tracked { get; init; } = new Dictionary<string, JsonElement>();

    public IReadOnlyList<StagedInput> Inputs { get; init; } = [];

    public IReadOnlyList<ArtifactOutput> Outputs { get; init; } = [];

    public TimeSpan? Timeout { get; init; }

    public ResourceSpec? Resources { get; init; }

    public PlatformSpec? Platform { get; init; }

    public bool AlwaysChanged { get; init; }

    /// <summary>The author's own cache key, in place of ours.</summary>
    public string? CacheKey { get; init; }

    /// <summary>
    /// True for `finally` tasks and what is inside of them: a cancelled run runs them, and a retried one runs them again.
    /// </summary>
    public bool IsShielded { get; init; }
}

/// <summary>An artifact as the task finds it: where, and what; with <paramref name="SubPath"/> only that file or folder of it.</summary>
public sealed record StagedInput(string Path, ContentRef Content, bool InCacheKey = true, string? SubPath = null)
{
    public ArtifactInfo? Info { get; init; }
}
