using System.Text.Json;
using Serverless.Pipelines.Orchestration;

namespace Serverless.Pipelines.Execution;

/// <summary>What is recorded of a task's attempt: the journal of the local engine, and what `mlops runs show` reads.</summary>
public sealed record TaskRecord
{
    public required string Path { get; init; }

    public required int Attempt { get; init; }

    /// <summary>The run's generation that wrote it: a retry of what failed ignores the failures of the ones before.</summary>
    public int Generation { get; init; } = 1;

    public required TaskState State { get; init; }

    /// <summary>How often a worker has begun with this attempt: more than once if one died over it.</summary>
    public int Starts { get; init; } = 1;

    public DateTimeOffset? StartedAt { get; init; }

    public DateTimeOffset? EndedAt { get; init; }

    public string? CacheKey { get; init; }

    /// <summary>Name of the log blob.</summary>
    public string? Log { get; init; }

    public IReadOnlyDictionary<string, JsonElement> Parameters { get; init; } = new Dictionary<string, JsonElement>();

    public TaskResult Result { get; init; } = new() { State = TaskState.Pending };

    internal bool IsEnd => State is TaskState.Succeeded or TaskState.Failed;
}

/// <summary>An entry of the task cache: the outputs of a task that succeeded, and the run that made them.</summary>
public sealed record CacheEntry(TaskResult Result, string RunId, string TaskPath, DateTimeOffset Time);
