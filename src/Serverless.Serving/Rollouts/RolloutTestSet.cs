using Serverless.Monitoring.Sequential;

namespace Serverless.Serving.Rollouts;

/// <summary>The tests of a rollout, over the steps with traffic on both arms.</summary>
internal static class RolloutTestSet
{
    /// <summary>
    /// Each test gets the same share of alpha, so that together they stop a harmless challenger no more often than the plan allows.
    /// </summary>
    public static List<RolloutTest> Of(Rollout rollout, RolloutCounts counts)
    {
        var plan = rollout.Plan;
        if (rollout.Champion is not { } champion)
        {
            return [];
        }

        var compared = Enumerable
            .Range(1, rollout.Step)
            .Where(s => plan.Steps[s - 1].Traffic < 1)
            .Select(s => (plan.Steps[s - 1].Traffic, Counts: counts.Of(s)))
            .ToList();
        var number = 3 + (plan.Latency.Enabled ? 1 : 0) + (plan.Quality is null ? 0 : 1);
        var alpha = plan.Alpha / number;
        var names = new RolloutArms(champion, rollout.Challenger);
        var before = Sum(compared.Select(c => c.Counts.Champion));
        var after = Sum(compared.Select(c => c.Counts.Challenger));
        var tests = new List<RolloutTest>
        {
            ArmComparison.Rates(
                names,
                "errors",
                "error rate",
                plan.Errors.Margin,
                alpha,
                before.Requests,
                before.Errors,
                after.Requests,
                after.Errors,
                [
                    .. compared.Select(c => new BernoulliStratum(
                        c.Traffic,
                        c.Counts.Champion.Requests,
                        c.Counts.Champion.Errors,
                        c.Counts.Challenger.Requests,
                        c.Counts.Challenger.Errors
                    )),
                ]
            ),
            ArmComparison.Rates(
                names,
                "rejections",
                "share of rejected requests",
                plan.Errors.Margin,
                alpha,
                before.All,
                before.Rejections,
                after.All,
                after.Rejections,
                [
                    .. compared.Select(c => new BernoulliStratum(
                        c.Traffic,
                        c.Counts.Champion.All,
                        c.Counts.Champion.Rejections,
                        c.Counts.Challenger.All,
                        c.Counts.Challenger.Rejections
                    )),
                ]
            ),
        };
        if (plan.Latency.Enabled)
        {
            tests.Add(
                ArmComparison.Latency(
                    names,
                    plan.Latency,
                    alpha,
                    before.LogLatency,
                    after.LogLatency,
                    [.. compared.Select(c => new NormalStratum(c.Counts.Champion.LogLatency, c.Counts.Challenger.LogLatency))]
                )
            );
        }

        if (plan.Quality is { } quality)
        {
            tests.Add(
                ArmComparison.Quality(
                    names,
                    quality,
                    alpha,
                    before.Loss(quality.Loss),
                    after.Loss(quality.Loss),
                    [.. compared.Select(c => (c.Traffic, c.Counts.Champion.Loss(quality.Loss), c.Counts.Challenger.Loss(quality.Loss)))]
                )
            );
        }

        var last = counts.Of(plan.Steps.Count).Challenger;
        if (rollout.Step == plan.Steps.Count && before.Requests > 0)
        {
            tests.Add(ArmComparison.Limit(names, plan.Errors.Margin, alpha, before, last));
        }

        if (plan.SampleRatioAlpha > 0)
        {
            tests.Add(ArmComparison.Ratio(plan, counts));
        }

        return tests;
    }

    private static ArmCounts Sum(IEnumerable<ArmCounts> counts) => counts.Aggregate(ArmCounts.None, (a, b) => a + b);
}
