using System.Globalization;
using Serverless.Monitoring.Comparison;
using Serverless.Monitoring.Sequential;
using Serverless.Training.Components.Compare;
using Serverless.Training.Promotion;

namespace Serverless.Serving.Rollouts;

/// <summary>
/// What follows from the counts: a pure function, so that two hosts which see the same come to the same. The steps are the strata of the
/// tests: within a step the traffic is shared alike, so that a busy hour weighs on both arms.
/// </summary>
internal static class RolloutJudge
{
    /// <summary>The harm that the latency test is tuned to see soon, as a ratio; its level holds for any.</summary>
    private static readonly double LatencyEffect = Math.Log(1.5);

    public static RolloutLook Look(Rollout rollout, RolloutCounts counts, DateTimeOffset now)
    {
        var tests = Tests(rollout, counts);
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
        // If the arms are not alike, whatever else was found is no finding.
        if ((tests.Find(t => t is { Name: "sample ratio", IsRejected: true }) ?? tests.Find(t => t.IsRejected)) is { } against)
        {
            return look with { Action = RolloutAction.RollBack, Reason = against.Text };
        }

        var plan = rollout.Plan;
        if (now >= rollout.StartedAt + plan.Deadline)
        {
            return look with { Action = RolloutAction.RollBack, Reason = $"it did not come to its end within {Text(plan.Deadline)}" };
        }

        if (rollout.State == RolloutState.Paused)
        {
            return look with { Reason = "paused" + (rollout.Reason is null ? "" : ": " + rollout.Reason) };
        }

        if (now < rollout.BakedAt)
        {
            return look with { Reason = $"{Number(100 * rollout.Traffic)} % bakes for another {Text(rollout.BakedAt - now)}" };
        }

        if (step.Challenger.Requests < plan.MinimumRequests)
        {
            return look with
            {
                Reason =
                    $"waits for requests: version {rollout.Challenger} has answered {step.Challenger.Requests} of "
                    + $"{plan.MinimumRequests} in this step",
            };
        }

        var seen =
            $"after {step.Challenger.Requests} answers at {Number(100 * rollout.Traffic)} % nothing speaks against version "
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

    /// <summary>
    /// Each test gets the same part of alpha, so that together they stop a harmless challenger no more often than the plan says.
    /// </summary>
    private static List<RolloutTest> Tests(Rollout rollout, RolloutCounts counts)
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
        var names = new Names(champion, rollout.Challenger);
        var before = Sum(compared.Select(c => c.Counts.Champion));
        var after = Sum(compared.Select(c => c.Counts.Challenger));
        var tests = new List<RolloutTest>
        {
            Rates(
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
            Rates(
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
                Latency(
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
                Quality(
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
            tests.Add(Limit(names, plan.Errors.Margin, alpha, before, last));
        }

        if (plan.SampleRatioAlpha > 0)
        {
            tests.Add(Ratio(plan, counts));
        }

        return tests;
    }

    private static RolloutTest Rates(
        Names names,
        string name,
        string what,
        double margin,
        double alpha,
        long n0,
        long k0,
        long n1,
        long k1,
        BernoulliStratum[] strata
    )
    {
        var result = BernoulliMixture.Test(strata, margin);
        var (rate0, rate1) = (Rate(k0, n0), Rate(k1, n1));
        return new RolloutTest(
            name,
            result.PValue,
            alpha,
            rate0,
            rate1,
            n0,
            n1,
            "share",
            string.Create(
                CultureInfo.InvariantCulture,
                $"{what} {Percent(rate1)} of {n1} of version {names.Challenger}, {Percent(rate0)} of {n0} of version "
                    + $"{names.Champion}{Beyond(margin == 0 ? null : Number(100 * margin) + " points")} ({P(result.PValue, alpha)})"
            )
        );
    }

    private static RolloutTest Latency(
        Names names,
        LatencyRule rule,
        double alpha,
        ValueSums before,
        ValueSums after,
        NormalStratum[] strata
    )
    {
        var result = NormalMixture.TestWorse(strata, Math.Log(1 + rule.Margin), LatencyEffect);
        var (ms0, ms1) = (Finite(Math.Exp(before.Mean)), Finite(Math.Exp(after.Mean)));
        return new RolloutTest(
            "latency",
            result.PValue,
            alpha,
            ms0,
            ms1,
            before.Count,
            after.Count,
            "ms",
            string.Create(
                CultureInfo.InvariantCulture,
                $"latency {Number(ms1)} ms (geometric mean) of version {names.Challenger}, {Number(ms0)} ms of version "
                    + $"{names.Champion}{Beyond(Number(100 * rule.Margin) + " %")} ({P(result.PValue, alpha)})"
            )
        );
    }

    private static RolloutTest Quality(
        Names names,
        QualityRule rule,
        double alpha,
        ValueSums before,
        ValueSums after,
        (double Share, ValueSums Champion, ValueSums Challenger)[] strata
    )
    {
        // A loss of 0 or 1 has the exact form; the others are means.
        var result =
            rule.Loss == QualityLoss.Error
                ? BernoulliMixture.Test(
                    [
                        .. strata.Select(s => new BernoulliStratum(
                            s.Share,
                            s.Champion.Count,
                            (long)s.Champion.Sum,
                            s.Challenger.Count,
                            (long)s.Challenger.Sum
                        )),
                    ],
                    rule.Margin
                )
                : NormalMixture.TestWorse([.. strata.Select(s => new NormalStratum(s.Champion, s.Challenger))], rule.Margin, rule.Effect);
        return new RolloutTest(
            "quality",
            result.PValue,
            alpha,
            Finite(before.Mean),
            Finite(after.Mean),
            before.Count,
            after.Count,
            "loss",
            string.Create(
                CultureInfo.InvariantCulture,
                $"mean {rule.Loss.ToString().ToLowerInvariant()} loss {Number(Finite(after.Mean))} of {after.Count} labelled answers "
                    + $"of version {names.Challenger}, {Number(Finite(before.Mean))} of {before.Count} of version "
                    + $"{names.Champion}{Beyond(rule.Margin == 0 ? null : Number(rule.Margin))} ({P(result.PValue, alpha)})"
            )
        );
    }

    /// <summary>
    /// With all traffic on the challenger there is no champion beside it. Its errors are held against the champion's rate of the steps
    /// before, at the upper end of what that rate may be (Wilson, 1927).
    /// </summary>
    private static RolloutTest Limit(Names names, double margin, double alpha, ArmCounts before, ArmCounts last)
    {
        const double z = 2.5758;
        var (n, p) = ((double)before.Requests, (double)before.Errors / before.Requests);
        var upper = (p + (z * z / (2 * n)) + (z * Math.Sqrt((p * (1 - p) / n) + (z * z / (4 * n * n))))) / (1 + (z * z / n));
        var limit = upper + margin;
        var result = BernoulliMixture.TestLimit(last.Requests, last.Errors, limit);
        return new RolloutTest(
            "error limit",
            result.PValue,
            alpha,
            limit,
            Rate(last.Errors, last.Requests),
            before.Requests,
            last.Requests,
            "share",
            string.Create(
                CultureInfo.InvariantCulture,
                $"error rate {Percent(Rate(last.Errors, last.Requests))} of {last.Requests} of version {names.Challenger} with all "
                    + $"traffic, where version {names.Champion} had at most {Percent(limit)} before ({P(result.PValue, alpha)})"
            )
        );
    }

    private static RolloutTest Ratio(RolloutPlan plan, RolloutCounts counts)
    {
        SampleRatioCount Count(StepCounts s) => new(plan.Steps[s.Step - 1].Traffic, s.Champion.Keys, s.Challenger.Keys);
        var shared = plan.Steps.Count(s => s.Traffic < 1);
        var known = counts
            .Hosts.Select(h => h.Steps.Where(s => s.Step <= plan.Steps.Count && plan.Steps[s.Step - 1].Traffic < 1).Select(Count).ToArray())
            .ToArray();
        var p = shared == 0 ? 1 : SampleRatio.PValue(known, shared);
        var worst = known.SelectMany(h => h).OrderByDescending(SampleRatio.LogEvidence).FirstOrDefault();
        var (n0, n1) = (worst.Champion, worst.Challenger);
        return new RolloutTest(
            "sample ratio",
            p,
            plan.SampleRatioAlpha,
            1 - worst.Share,
            Rate(n1, n0 + n1),
            n0,
            n1,
            "share",
            n0 + n1 == 0
                ? "sample ratio: not enough callers yet (0)"
                : string.Create(
                    CultureInfo.InvariantCulture,
                    $"{(p <= plan.SampleRatioAlpha ? "the traffic was not shared as planned" : "the traffic is shared as planned, as far as can be told")}"
                        + $": {Percent(Rate(n1, n0 + n1))} of {n0 + n1} callers came to the challenger, "
                        + $"{Percent(worst.Share)} should have (chi-square p = {Tiny(SampleRatio.ChiSquareP(worst))}; "
                        + $"{P(p, plan.SampleRatioAlpha)}){(p <= plan.SampleRatioAlpha ? ", so nothing that was compared holds" : "")}"
                )
        );
    }

    private static ArmCounts Sum(IEnumerable<ArmCounts> counts) => counts.Aggregate(ArmCounts.None, (a, b) => a + b);

    private static double? Rate(long events, long count) => count > 0 ? (double)events / count : null;

    private static double? Finite(double value) => double.IsFinite(value) ? value : null;

    private static string Beyond(string? margin) => margin is null ? "" : $", worse by more than {margin}";

    private static string P(double p, double alpha) => $"always-valid p = {Tiny(p)}, against {Tiny(alpha)}";

    private static string Tiny(double p) => p < 0.0001 ? "less than 0.0001" : p.ToString("0.####", CultureInfo.InvariantCulture);

    private static string Percent(double? share) => share is { } s ? Number(100 * s) + " %" : "unknown";

    private static string Number(double? value) => value is { } v ? v.ToString("0.###", CultureInfo.InvariantCulture) : "unknown";

    private static string Text(TimeSpan time) =>
        time.TotalSeconds < 120 ? $"{Number(Math.Ceiling(time.TotalSeconds))} s"
        : time.TotalMinutes < 120 ? $"{Number(Math.Ceiling(time.TotalMinutes))} min"
        : $"{Number(Math.Ceiling(time.TotalHours))} h";

    private sealed record Names(int Champion, int Challenger);
}
