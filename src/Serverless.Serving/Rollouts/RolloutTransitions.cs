using System.Globalization;
using Serverless.Tracking.Models;

namespace Serverless.Serving.Rollouts;

/// <summary>The transitions between the states of a rollout.</summary>
internal static class RolloutTransitions
{
    public static RolloutChange Begin(Rollout rollout, ModelState state, DateTimeOffset now, Actor actor)
    {
        if (rollout.Champion is null)
        {
            return Promote(rollout, "there is no version in Production to compare with", now, actor);
        }

        if (rollout.Plan.IsAtOnce)
        {
            return Promote(rollout, rollout.Why ?? "the plan has no steps", now, actor);
        }

        var running = rollout with { State = RolloutState.Running, Step = 1, StartedAt = now, StepStartedAt = now, StepTimes = [now] };
        return new RolloutChange(running, RolloutEvents.Started, "0 %", RolloutStore.Percent(running.Traffic), running.Why)
        {
            Moves = ToStaging(state, rollout.Challenger),
        };
    }

    public static RolloutChange NextStep(Rollout rollout, string why, DateTimeOffset now)
    {
        var next = rollout with { Step = rollout.Step + 1, StepStartedAt = now, StepTimes = [.. rollout.StepTimes, now] };
        return new RolloutChange(
            next,
            RolloutEvents.NextStep,
            RolloutStore.Percent(rollout.Traffic),
            RolloutStore.Percent(next.Traffic),
            why
        );
    }

    /// <param name="actor">The actor whose permission is checked on a guarded model. Null for the actor who started it, which was checked
    /// then.</param>
    public static RolloutChange Promote(Rollout rollout, string why, DateTimeOffset now, Actor? actor)
    {
        var next = rollout with { State = RolloutState.Promoted, EndedAt = now, Reason = why };
        var moves = new List<StageMove> { new(rollout.Challenger, Stage.Production, why) };
        if (rollout.Champion is { } champion)
        {
            moves.Add(
                new StageMove(
                    champion,
                    Stage.Archived,
                    string.Create(CultureInfo.InvariantCulture, $"version {rollout.Challenger} replaced it")
                )
            );
        }

        return new RolloutChange(next, RolloutEvents.Promoted, RolloutStore.Percent(rollout.Traffic), "Production", why)
        {
            Moves = moves,
            Actor = actor ?? new Actor(rollout.By, rollout.Pipeline),
        };
    }

    public static RolloutChange RollBack(Rollout rollout, string why, DateTimeOffset now) =>
        End(rollout, RolloutState.RolledBack, RolloutEvents.RolledBack, why, now);

    public static RolloutChange Abort(Rollout rollout, string why, DateTimeOffset now) =>
        End(rollout, RolloutState.Aborted, RolloutEvents.Aborted, why, now);

    /// <summary>A version in a rollout is in Staging.</summary>
    public static IReadOnlyList<StageMove> ToStaging(ModelState state, int version) =>
        state.Find(version)?.Stage is Stage.None or Stage.Archived ? [new StageMove(version, Stage.Staging, "rollout started")] : [];

    private static RolloutChange End(Rollout rollout, RolloutState state, string happened, string why, DateTimeOffset now) =>
        new(rollout with { State = state, EndedAt = now, Reason = why }, happened, RolloutStore.Percent(rollout.Traffic), "0 %", why)
        {
            Moves = state == RolloutState.RolledBack ? [new StageMove(rollout.Challenger, Stage.Archived, why)] : [],
        };
}
