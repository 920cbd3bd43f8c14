using Serverless.Tracking.Alerts;
using Serverless.Training.Promotion;

namespace Serverless.Serving.Rollouts;

/// <summary>The state of a rollout.</summary>
public enum RolloutState
{
    /// <summary>A member of a role must approve first. The champion takes all traffic.</summary>
    WaitingForApproval,
    Running,

    /// <summary>Held at its current step. It is still monitored, and rolled back if necessary.</summary>
    Paused,

    /// <summary>The challenger is in Production.</summary>
    Promoted,

    /// <summary>
    /// The tests found the challenger worse, or the deadline passed before they found it good. The champion takes all traffic again.
    /// </summary>
    RolledBack,

    /// <summary>Ended for another reason: manually, without approval, or because another version went to Production.</summary>
    Aborted,
}

/// <summary>A challenger's way to Production. A model has at most one open rollout.</summary>
public sealed record Rollout
{
    public required string Id { get; init; }

    public required string ModelId { get; init; }

    public required string Model { get; init; }

    /// <summary>The version in Production at the start. Null if there was none, so that there is nothing to compare with.</summary>
    public int? Champion { get; init; }

    public required int Challenger { get; init; }

    public required RolloutPlan Plan { get; init; }

    public required RolloutState State { get; init; }

    /// <summary>The current step, from 1.</summary>
    public int Step { get; init; } = 1;

    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>When the step began. A pause moves it forward.</summary>
    public required DateTimeOffset StepStartedAt { get; init; }

    public DateTimeOffset? PausedAt { get; init; }

    /// <summary>When each step actually began, regardless of pauses.</summary>
    public IReadOnlyList<DateTimeOffset> StepTimes { get; init; } = [];

    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>Who started it.</summary>
    public required string By { get; init; }

    /// <summary>The pipeline whose task started it. A guarded model may allow it.</summary>
    public string? Pipeline { get; init; }

    /// <summary>Why the challenger should take over: the verdict.</summary>
    public string? Why { get; init; }

    /// <summary>Why it ended, or is paused.</summary>
    public string? Reason { get; init; }

    public ApprovalRule? Approval { get; init; }

    public DateTimeOffset? ApprovalDeadline { get; init; }

    public string? ApprovedBy { get; init; }

    public IReadOnlyList<AlertTarget> Alerts { get; init; } = [];

    /// <summary>The evaluation behind the last change.</summary>
    public RolloutLook? Look { get; init; }

    public bool IsOpen => State is RolloutState.WaitingForApproval or RolloutState.Running or RolloutState.Paused;

    /// <summary>The challenger's current share of the traffic.</summary>
    public double Traffic =>
        State is RolloutState.Running or RolloutState.Paused ? Plan.Steps[Step - 1].Traffic
        : State == RolloutState.Promoted ? 1
        : 0;

    public DateTimeOffset BakedAt => StepStartedAt + Plan.BakeOf(Step - 1);
}
