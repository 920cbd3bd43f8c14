using System.Text.Json;
using Serverless.Pipelines.Model;
using Serverless.Storage.Content;

namespace Serverless.Pipelines.Orchestration;

/// <summary>Everything that one attempt of a task needs. Addressed by path and attempt, not by the order of calls.</summary>
public sealed record TaskCall
{
    public required string RunId { get; init; }

    public required string ExperimentId { get; init; }

    public required string Pipeline { get; init; }

    /// <summary>Gets the task names from the outermost graph on, with loop positions in brackets: `train[2]/fit`.</summary>
    public required string Path { get; init; }

    /// <summary>Gets the number of the attempt, from 1.</summary>
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

    /// <summary>Gets the author's own cache key, which replaces ours.</summary>
    public string? CacheKey { get; init; }

    /// <summary>Gets whether this is a `finally` task or part of one: a cancelled run runs it, and a retried one runs it again.</summary>
    public bool IsShielded { get; init; }
}

/// <summary>An artifact for a task: its location and content; with <paramref name="SubPath"/>, only that file or folder of it.</summary>
public sealed record StagedInput(string Path, ContentRef Content, bool InCacheKey = true, string? SubPath = null)
{
    public ArtifactInfo? Info { get; init; }
}
