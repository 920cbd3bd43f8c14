using System.Text.Json;
using Serverless.Pipelines.Orchestration;

namespace Serverless.Pipelines.Execution;

/// <summary>The record of a task's attempt: the journal of the local engine, and the source of `mlops runs show`.</summary>
public sealed record TaskRecord
{
    public required string Path { get; init; }

    public required int Attempt { get; init; }

    /// <summary>Gets the run's generation that wrote the record. A retry ignores failures of earlier generations.</summary>
    public int Generation { get; init; } = 1;

    public required TaskState State { get; init; }

    /// <summary>Gets how often a worker has started this attempt: more than once if one died.</summary>
    public int Starts { get; init; } = 1;

    public DateTimeOffset? StartedAt { get; init; }

    public DateTimeOffset? EndedAt { get; init; }

    public string? CacheKey { get; init; }

    /// <summary>Gets the name of the log blob.</summary>
    public string? Log { get; init; }

    public IReadOnlyDictionary<string, JsonElement> Parameters { get; init; } = new Dictionary<string, JsonElement>();

    public TaskResult Result { get; init; } = new() { State = TaskState.Pending };

    internal bool IsEnd => State is TaskState.Succeeded or TaskState.Failed;
}

/// <summary>An entry of the task cache: the outputs of a successful task, and the run that produced them.</summary>
public sealed record CacheEntry(TaskResult Result, string RunId, string TaskPath, DateTimeOffset Time);
