using Serverless.Pipelines.Orchestration;

namespace Serverless.Pipelines.Engines.Durable;

/// <summary>What a durable orchestrator asks of an activity: about which run, and with what.</summary>
public sealed record DurableRequest
{
    public required string Workspace { get; init; }

    public required string RunId { get; init; }

    public string ExperimentId { get; init; } = "";

    public int Generation { get; init; } = 1;

    /// <summary>The orchestration that is to be told when a container job has ended.</summary>
    public string? Waiter { get; init; }

    public EngineMessage? Body { get; init; }
}

/// <summary>What an orchestrator learns when it begins. It is recorded by the engine, so it holds for the whole run: what the run does
/// and how it is run never changes under its feet.</summary>
public sealed record RunStart
{
    public required string ExperimentId { get; init; }

    public required int Generation { get; init; }

    /// <summary>True: tasks that ask for resources become container jobs.</summary>
    public bool HasJobs { get; init; }

    /// <summary>The <see cref="RunDefinition"/>.</summary>
    public required EngineMessage Definition { get; init; }

    /// <summary>What the run was told before: approvals of an earlier generation, a cancel before the start.</summary>
    public IReadOnlyList<Signal> Signals { get; init; } = [];
}

/// <summary>The state of a task that no activity reports.</summary>
public sealed record TaskReport(string Path, int Attempt, TaskResult Result, DateTimeOffset Time);

/// <summary>How a run ended, besides what its tasks have recorded.</summary>
public sealed record RunEnd(Tracking.Runs.RunStatus Status, Tracking.Runs.RunError? Error);
