using System.Globalization;
using Serverless.Monitoring.Sequential;
using Serverless.Training.Promotion;
using static Serverless.Serving.Rollouts.RolloutText;

namespace Serverless.Serving.Rollouts;

/// <summary>The versions of the two arms.</summary>
internal sealed record RolloutArms(int Champion, int Challenger);

/// <summary>Compares the arms of a rollout: each test with its numbers and a sentence about them.</summary>
internal static class ArmComparison
{
    private const string AsPlanned = "the traffic is split as planned, as far as known";
    private const string NotAsPlanned = "the traffic was not split as planned";

    /// <summary>The slowdown, as a ratio, that the latency test is tuned to detect early. Its level holds for any.</summary>
    private static readonly double LatencyEffect = Math.Log(1.5);

    public static RolloutTest Rates(
        RolloutArms names,
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

    public static RolloutTest Latency(
        RolloutArms names,
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

    public static RolloutTest Quality(
        RolloutArms names,
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
                $"mean {rule.Loss.ToString().ToLowerInvariant()} loss {Number(Finite(after.Mean))} of {after.Count} labeled predictions "
                    + $"of version {names.Challenger}, {Number(Finite(before.Mean))} of {before.Count} of version "
                    + $"{names.Champion}{Beyond(rule.Margin == 0 ? null : Number(rule.Margin))} ({P(result.PValue, alpha)})"
            )
        );
    }

    /// <summary>
    /// With all traffic on the challenger, there is no concurrent champion. The challenger's errors are compared with the champion's rate
    /// in the earlier steps, at the upper confidence bound of that rate (Wilson, 1927).
    /// </summary>
    public static RolloutTest Limit(RolloutArms names, double margin, double alpha, ArmCounts before, ArmCounts last)
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
                    + $"traffic, version {names.Champion} had at most {Percent(limit)} before ({P(result.PValue, alpha)})"
            )
        );
    }

    public static RolloutTest Ratio(RolloutPlan plan, RolloutCounts counts)
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
                    $"{(p <= plan.SampleRatioAlpha ? NotAsPlanned : AsPlanned)}"
                        + $": {Percent(Rate(n1, n0 + n1))} of {n0 + n1} callers went to the challenger, "
                        + $"expected {Percent(worst.Share)} (chi-square p = {Tiny(SampleRatio.ChiSquareP(worst))}; "
                        + $"{P(p, plan.SampleRatioAlpha)}){(p <= plan.SampleRatioAlpha ? ", so the comparisons are not valid" : "")}"
                )
        );
    }

    private static double? Rate(long events, long count) => count > 0 ? (double)events / count : null;

    private static double? Finite(double value) => double.IsFinite(value) ? value : null;

    private static string Beyond(string? margin) => margin is null ? "" : $", worse by more than {margin}";

    private static string P(double p, double alpha) => $"always-valid p = {Tiny(p)}, against {Tiny(alpha)}";
}
