using Serverless.Pipelines.Orchestration;

namespace Serverless.Pipelines.Jobs;

/// <summary>An execution under way, as whoever waits for it holds it.</summary>
public sealed record JobHandle
{
    public required string JobId { get; init; }

    public required string Execution { get; init; }

    /// <summary>The digest of what the launcher is to do.</summary>
    public required string Order { get; init; }

    public required string Path { get; init; }

    public required int Attempt { get; init; }

    public bool IsShielded { get; init; }

    public TimeSpan? Timeout { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>How often the platform had ended an execution before this one.</summary>
    public int Restart { get; init; }

    /// <summary>How often it was asked for.</summary>
    public int Polls { get; init; }
}

/// <summary>Where a container job stands: at its end with a result, or under way and worth asking about after a while.</summary>
public sealed record JobStep
{
    public TaskResult? Result { get; init; }

    public JobHandle? Handle { get; init; }

    public TimeSpan Wait { get; init; }

    internal static JobStep Over(TaskResult result) => new() { Result = result };

    /// <summary>Short at first, a minute at the most.</summary>
    internal static JobStep On(JobHandle handle) =>
        new()
        {
            Handle = handle with { Polls = handle.Polls + 1 },
            Wait = TimeSpan.FromSeconds(Math.Min(60, 5 * Math.Pow(1.5, handle.Polls))),
        };
}

/// <summary>What a launcher is to do: one attempt of a task.</summary>
/// <param name="Waiter">Who waits for it: told at once when it has ended, instead of asking after a while.</param>
internal sealed record JobOrder(string Workspace, int Generation, TaskCall Call, string? Waiter = null);

/// <summary>A container job has ended: the message that its launcher leaves.</summary>
/// <param name="Waiter">The orchestration that waits for it.</param>
public sealed record JobEnded(string Waiter);
