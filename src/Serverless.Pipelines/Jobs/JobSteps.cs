using Serverless.Pipelines.Orchestration;

namespace Serverless.Pipelines.Jobs;

/// <summary>The caller's handle of a running execution.</summary>
public sealed record JobHandle
{
    public required string JobId { get; init; }

    public required string Execution { get; init; }

    /// <summary>Gets the digest of the launcher's order.</summary>
    public required string Order { get; init; }

    public required string Path { get; init; }

    public required int Attempt { get; init; }

    public bool IsShielded { get; init; }

    public TimeSpan? Timeout { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>Gets how often the platform had ended an execution before this one.</summary>
    public int Restart { get; init; }

    /// <summary>Gets how often it was polled.</summary>
    public int Polls { get; init; }
}

/// <summary>The state of a container job: ended with a result, or running and to be polled again after a delay.</summary>
public sealed record JobStep
{
    public TaskResult? Result { get; init; }

    public JobHandle? Handle { get; init; }

    public TimeSpan Wait { get; init; }

    internal static JobStep Over(TaskResult result) => new() { Result = result };

    /// <summary>Gets the polling interval: short at first, at most a minute.</summary>
    internal static JobStep On(JobHandle handle) =>
        new()
        {
            Handle = handle with { Polls = handle.Polls + 1 },
            Wait = TimeSpan.FromSeconds(Math.Min(60, 5 * Math.Pow(1.5, handle.Polls))),
        };
}

/// <summary>The order for a launcher: one attempt of a task.</summary>
/// <param name="Waiter">The orchestration to notify immediately when it has ended, in addition to polling.</param>
internal sealed record JobOrder(string Workspace, int Generation, TaskCall Call, string? Waiter = null);

/// <summary>The message of a launcher that its container job has ended.</summary>
/// <param name="Waiter">The orchestration that is waiting for it.</param>
public sealed record JobEnded(string Waiter);
