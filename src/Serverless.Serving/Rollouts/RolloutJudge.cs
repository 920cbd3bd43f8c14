namespace Serverless.Serving.Rollouts;

/// <summary>
/// Decides from the counts. A pure function, so that two hosts with the same counts reach the same decision. The steps are the strata of
/// the tests: within a step the traffic split is constant, so that a busy hour affects both arms.
/// </summary>
internal static class RolloutJudge
{
    public static RolloutLook Look(Rollout rollout, RolloutCounts counts, DateTimeOffset now)
    {
        var tests = RolloutTestSet.Of(rollout, counts);
        var step = counts.Of(rollout.Step);
        var look = new RolloutLook
        {
            Time = now,
            Step = rollout.Step,
            Action = RolloutAction.Wait,
            Reason = "",
            Tests = tests,
            ChampionRequests = step.Champion.Requests,
            ChallengerRequests = step.Challenger.Requests,
        };
        // If the arms are not comparable, no other finding is valid.
        if ((tests.Find(t => t is { Name: "sample ratio", IsRejected: true }) ?? tests.Find(t => t.IsRejected)) is { } against)
        {
            return look with { Action = RolloutAction.RollBack, Reason = against.Text };
        }

        var plan = rollout.Plan;
        if (now >= rollout.StartedAt + plan.Deadline)
        {
            return look with { Action = RolloutAction.RollBack, Reason = $"it did not complete within {RolloutText.Time(plan.Deadline)}" };
        }

        if (rollout.State == RolloutState.Paused)
        {
            return look with { Reason = "paused" + (rollout.Reason is null ? "" : ": " + rollout.Reason) };
        }

        if (now < rollout.BakedAt)
        {
            return look with
            {
                Reason =
                    $"{RolloutText.Number(100 * rollout.Traffic)} % of the traffic, baking for another "
                    + $"{RolloutText.Time(rollout.BakedAt - now)}",
            };
        }

        if (step.Challenger.Requests < plan.MinimumRequests)
        {
            return look with
            {
                Reason =
                    $"waiting for requests: version {rollout.Challenger} has {step.Challenger.Requests} of "
                    + $"{plan.MinimumRequests} responses in this step",
            };
        }

        var seen =
            $"after {step.Challenger.Requests} responses at {RolloutText.Number(100 * rollout.Traffic)} %, no test is against version "
            + $"{rollout.Challenger}";
        return rollout.Step < plan.Steps.Count
            ? look with
            {
                Action = RolloutAction.NextStep,
                Reason = seen,
            }
            : look with
            {
                Action = RolloutAction.Promote,
                Reason = seen,
            };
    }
}
