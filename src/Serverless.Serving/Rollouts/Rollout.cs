using Serverless.Tracking.Alerts;
using Serverless.Tracking.Models;
using Serverless.Training.Components.Compare;
using Serverless.Training.Promotion;

namespace Serverless.Serving.Rollouts;

/// <summary>Where a rollout stands.</summary>
public enum RolloutState
{
    /// <summary>One of a role has to say yes first; the champion answers all.</summary>
    WaitingForApproval,
    Running,

    /// <summary>It stays at its step. It is still watched, and taken back if it has to be.</summary>
    Paused,

    /// <summary>The challenger is in Production.</summary>
    Promoted,

    /// <summary>The numbers spoke against the challenger, or the deadline passed before they spoke for it; the champion answers all again.</summary>
    RolledBack,

    /// <summary>It ended for another reason: by hand, no approval, another version went to Production.</summary>
    Aborted,
}

/// <summary>A challenger's way into Production. At most one of a model is open at a time.</summary>
public sealed record Rollout
{
    public required string Id { get; init; }

    public required string ModelId { get; init; }

    public required string Model { get; init; }

    /// <summary>The version in Production at the start; null if there was none, then nothing has to be compared.</summary>
    public int? Champion { get; init; }

    public required int Challenger { get; init; }

    public required RolloutPlan Plan { get; init; }

    public required RolloutState State { get; init; }

    /// <summary>From 1.</summary>
    public int Step { get; init; } = 1;

    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>When the step began; a pause moves it on.</summary>
    public required DateTimeOffset StepStartedAt { get; init; }

    public DateTimeOffset? PausedAt { get; init; }

    /// <summary>When each step really began, pauses or not.</summary>
    public IReadOnlyList<DateTimeOffset> StepTimes { get; init; } = [];

    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>Who started it.</summary>
    public required string By { get; init; }

    /// <summary>The pipeline whose task started it; a guarded model may let it pass.</summary>
    public string? Pipeline { get; init; }

    /// <summary>Why the challenger is worth it: the verdict.</summary>
    public string? Why { get; init; }

    /// <summary>Why it ended, or is paused.</summary>
    public string? Reason { get; init; }

    public ApprovalRule? Approval { get; init; }

    public DateTimeOffset? ApprovalDeadline { get; init; }

    public string? ApprovedBy { get; init; }

    public IReadOnlyList<AlertTarget> Alerts { get; init; } = [];

    /// <summary>What the last change rested on.</summary>
    public RolloutLook? Look { get; init; }

    public bool IsOpen => State is RolloutState.WaitingForApproval or RolloutState.Running or RolloutState.Paused;

    /// <summary>The challenger's share of the traffic now.</summary>
    public double Traffic =>
        State is RolloutState.Running or RolloutState.Paused ? Plan.Steps[Step - 1].Traffic
        : State == RolloutState.Promoted ? 1
        : 0;

    public DateTimeOffset BakedAt => StepStartedAt + Plan.BakeOf(Step - 1);
}
