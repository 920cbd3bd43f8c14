using MathNet.Numerics;
using Serverless.Core;
using Serverless.Monitoring.Sequential;

namespace Serverless.Benchmarks.Rollout;

/// <summary>How a made-up canary runs: the challenger's share at each look, and what its champion and challenger do.</summary>
internal sealed record ErrorSetting(string Name, double[] Shares, Func<int, double> Champion, Func<int, double> Challenger)
{
    public const int Looks = 100;

    public const int Requests = 100;

    public static ErrorSetting Steady(double rate, double share, double challenger) =>
        new(
            $"{100 * rate:0.##} % errors, {100 * share:0} % of the traffic",
            [.. Enumerable.Repeat(share, Looks)],
            _ => rate,
            _ => challenger
        );
}

/// <summary>What is asked at a look.</summary>
internal static class ErrorTests
{
    /// <summary>The test of two proportions that is meant for one look.</summary>
    public static double Naive(IReadOnlyList<BernoulliStratum> strata)
    {
        var (n0, n1, k0, k1) = Sums(strata);
        var pooled = (k0 + k1) / (n0 + n1);
        var error = Math.Sqrt(pooled * (1 - pooled) * ((1 / n0) + (1 / n1)));
        return n0 > 0 && n1 > 0 && error > 0 ? Above(((k1 / n1) - (k0 / n0)) / error) : 1;
    }

    /// <summary>
    /// The mixture SPRT with the variance put in from the rates, as Johari and others write it for conversion rates, one-sided, over the
    /// pooled counts, from 30 answers of each on; the mixture's deviation is the size of the champion's rate, and at least a percent.
    /// </summary>
    public static double PlugIn(IReadOnlyList<BernoulliStratum> strata)
    {
        var (n0, n1, k0, k1) = Sums(strata);
        if (Math.Min(n0, n1) < 30)
        {
            return 1;
        }

        var (p0, p1) = (k0 / n0, k1 / n1);
        var variance = (p0 * (1 - p0) / n0) + (p1 * (1 - p1) / n1);
        if (variance <= 0)
        {
            return 1;
        }

        var tau = Math.Max(0.01, p0);
        var (score, information) = ((p1 - p0) / variance, 1 / variance);
        var spread = 1 + (information * tau * tau);
        var log =
            Math.Log(2)
            + (score * score * tau * tau / (2 * spread))
            - (0.5 * Math.Log(spread))
            + Math.Log(Math.Max(1e-300, Above(-score * tau / Math.Sqrt(spread))));
        return Math.Min(1, Math.Exp(-log));
    }

    public static double Ours(IReadOnlyList<BernoulliStratum> strata) => BernoulliMixture.Test(strata, 0).PValue;

    public static double Above(double z) => 0.5 * SpecialFunctions.Erfc(z / Math.Sqrt(2));

    private static (double N0, double N1, double K0, double K1) Sums(IReadOnlyList<BernoulliStratum> strata) =>
        (
            strata.Sum(s => s.Champion),
            strata.Sum(s => s.Challenger),
            strata.Sum(s => s.ChampionEvents),
            strata.Sum(s => s.ChallengerEvents)
        );
}

/// <summary>Runs canaries, and tells how many stop and when.</summary>
internal static class Canaries
{
    private const double Alpha = 0.05;

    /// <returns>For each test: the share of canaries that stop at any look, and the requests until half of them have; NaN if half never
    /// do.</returns>
    public static (double Stopped, double Median)[] OfErrors(
        ErrorSetting setting,
        int canaries,
        int seed,
        params Func<IReadOnlyList<BernoulliStratum>, double>[] tests
    ) =>
        Run(
            canaries,
            seed,
            tests.Length,
            (random, stops) =>
            {
                var strata = new List<BernoulliStratum>();
                for (var look = 0; look < setting.Shares.Length; look++)
                {
                    if (strata.Count == 0 || strata[^1].Share != setting.Shares[look])
                    {
                        strata.Add(new BernoulliStratum(setting.Shares[look], 0, 0, 0, 0));
                    }

                    strata[^1] = Serve(random, strata[^1], setting.Champion(look), setting.Challenger(look));
                    for (var t = 0; t < tests.Length; t++)
                    {
                        if (stops[t] == 0 && tests[t](strata) <= Alpha)
                        {
                            stops[t] = (look + 1) * ErrorSetting.Requests;
                        }
                    }
                }
            }
        );

    public static (double Stopped, double Median)[] OfValues(
        Func<StableRandom, double> draw,
        double effect,
        double share,
        int canaries,
        int seed,
        params Func<NormalStratum, double>[] tests
    ) =>
        Run(
            canaries,
            seed,
            tests.Length,
            (random, stops) =>
            {
                var (champion, challenger) = (default(ValueSums), default(ValueSums));
                for (var look = 0; look < ErrorSetting.Looks; look++)
                {
                    for (var i = 0; i < ErrorSetting.Requests; i++)
                    {
                        if (random.NextDouble() < share)
                        {
                            challenger = challenger.With(draw(random) + effect);
                        }
                        else
                        {
                            champion = champion.With(draw(random));
                        }
                    }

                    for (var t = 0; t < tests.Length; t++)
                    {
                        if (stops[t] == 0 && tests[t](new NormalStratum(champion, challenger)) <= Alpha)
                        {
                            stops[t] = (look + 1) * ErrorSetting.Requests;
                        }
                    }
                }
            }
        );

    private static (double Stopped, double Median)[] Run(int canaries, int seed, int tests, Action<StableRandom, int[]> run)
    {
        var all = new int[canaries][];
        Parallel.For(
            0,
            canaries,
            i =>
            {
                all[i] = new int[tests];
                run(new StableRandom((seed * 1_000_003L) + i), all[i]);
            }
        );
        return
        [
            .. Enumerable
                .Range(0, tests)
                .Select(t =>
                {
                    var stops = all.Select(s => s[t]).Where(s => s > 0).Order().ToList();
                    return ((double)stops.Count / canaries, stops.Count * 2 >= canaries ? stops[(canaries / 2) - 1] : double.NaN);
                }),
        ];
    }

    private static BernoulliStratum Serve(StableRandom random, BernoulliStratum s, double champion, double challenger)
    {
        for (var i = 0; i < ErrorSetting.Requests; i++)
        {
            s =
                random.NextDouble() < s.Share
                    ? s with
                    {
                        Challenger = s.Challenger + 1,
                        ChallengerEvents = s.ChallengerEvents + (random.NextDouble() < challenger ? 1 : 0),
                    }
                    : s with
                    {
                        Champion = s.Champion + 1,
                        ChampionEvents = s.ChampionEvents + (random.NextDouble() < champion ? 1 : 0),
                    };
        }

        return s;
    }
}
