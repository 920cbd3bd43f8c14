using System.Text.Json;
using Serverless.Tracking.Alerts;
using Serverless.Training.Promotion;

namespace Serverless.Serving.Rollouts;

/// <summary>A rollout for display and the API: its state, counts and current test results.</summary>
public sealed record RolloutView
{
    public required string Id { get; init; }

    public required string Model { get; init; }

    public required RolloutState State { get; init; }

    public required int? Champion { get; init; }

    public required int Challenger { get; init; }

    public required int Step { get; init; }

    public required double Traffic { get; init; }

    public required IReadOnlyList<StepView> Steps { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    public DateTimeOffset? EndedAt { get; init; }

    public required string By { get; init; }

    public string? Why { get; init; }

    /// <summary>Why it ended or is paused, or what it is waiting for.</summary>
    public string? Reason { get; init; }

    public string? ApprovalRole { get; init; }

    public DateTimeOffset? ApprovalDeadline { get; init; }

    public string? ApprovedBy { get; init; }

    /// <summary>The tests of the last evaluation.</summary>
    public IReadOnlyList<RolloutTest> Tests { get; init; } = [];

    /// <summary>The alert targets, without secrets.</summary>
    public IReadOnlyList<string> Alerts { get; init; } = [];

    /// <summary>The state in snake_case, as in the API.</summary>
    public static JsonSerializerOptions Json => Alert.Json;

    public static RolloutView Of(Rollout rollout, RolloutLook? look, RolloutCounts counts)
    {
        ArgumentNullException.ThrowIfNull(rollout);
        ArgumentNullException.ThrowIfNull(counts);
        look ??= rollout.Look;
        return new RolloutView
        {
            Id = rollout.Id,
            Model = rollout.Model,
            State = rollout.State,
            Champion = rollout.Champion,
            Challenger = rollout.Challenger,
            Step = rollout.Step,
            Traffic = rollout.Traffic,
            Steps =
            [
                .. rollout.Plan.Steps.Select(
                    (s, i) =>
                        StepView.Of(s, rollout.Plan.BakeOf(i), i < rollout.StepTimes.Count ? rollout.StepTimes[i] : null, counts.Of(i + 1))
                ),
            ],
            StartedAt = rollout.StartedAt,
            EndedAt = rollout.EndedAt,
            By = rollout.By,
            Why = rollout.Why,
            Reason = rollout.IsOpen ? look?.Reason ?? rollout.Reason : rollout.Reason,
            ApprovalRole = rollout.Approval?.Role,
            ApprovalDeadline = rollout.ApprovalDeadline,
            ApprovedBy = rollout.ApprovedBy,
            Tests = look?.Tests ?? [],
            Alerts = [.. rollout.Alerts.Select(a => a.Shown)],
        };
    }
}

/// <summary>A step with its counts.</summary>
public sealed record StepView(
    double Traffic,
    double BakeSeconds,
    DateTimeOffset? StartedAt,
    long ChampionRequests,
    long ChampionErrors,
    long ChallengerRequests,
    long ChallengerErrors
)
{
    internal static StepView Of(RolloutStep step, TimeSpan bake, DateTimeOffset? startedAt, StepCounts counts) =>
        new(
            step.Traffic,
            bake.TotalSeconds,
            startedAt,
            counts.Champion.Requests,
            counts.Champion.Errors,
            counts.Challenger.Requests,
            counts.Challenger.Errors
        );
}
