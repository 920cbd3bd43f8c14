using Serverless.Pipelines.Orchestration;

namespace Serverless.Pipelines.Engines.Durable;

/// <summary>A request of a durable orchestrator to an activity: the run and the input.</summary>
public sealed record DurableRequest
{
    public required string Workspace { get; init; }

    public required string RunId { get; init; }

    public string ExperimentId { get; init; } = "";

    public int Generation { get; init; } = 1;

    /// <summary>Gets the orchestration to notify when a container job has ended.</summary>
    public string? Waiter { get; init; }

    public EngineMessage? Body { get; init; }
}

/// <summary>The start information of an orchestrator. The engine records it, so it applies to the whole run: what the run does and how it
/// runs never change while it is running.</summary>
public sealed record RunStart
{
    public required string ExperimentId { get; init; }

    public required int Generation { get; init; }

    /// <summary>Gets whether tasks with resource requirements become container jobs.</summary>
    public bool HasJobs { get; init; }

    /// <summary>Gets the <see cref="RunDefinition"/>.</summary>
    public required EngineMessage Definition { get; init; }

    /// <summary>Gets earlier signals to the run: approvals of an earlier generation, or a cancellation before the start.</summary>
    public IReadOnlyList<Signal> Signals { get; init; } = [];
}

/// <summary>The state of a task that no activity reports.</summary>
public sealed record TaskReport(string Path, int Attempt, TaskResult Result, DateTimeOffset Time);

/// <summary>The end of a run, in addition to what its tasks have recorded.</summary>
public sealed record RunEnd(Tracking.Runs.RunStatus Status, Tracking.Runs.RunError? Error);
