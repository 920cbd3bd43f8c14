using Serverless.Core;
using Serverless.Monitoring.Sequential;

namespace Serverless.Monitoring.Tests.Sequential;

/// <summary>Made-up traffic of a champion and a challenger, looked at again and again.</summary>
internal static class Canary
{
    /// <summary>How many of the canaries are stopped at any look.</summary>
    public static double StopRate(int canaries, int seed, Func<StableRandom, bool> isStopped)
    {
        var stopped = 0;
        for (var i = 0; i < canaries; i++)
        {
            stopped += isStopped(new StableRandom((seed * 1_000_003L) + i)) ? 1 : 0;
        }

        return (double)stopped / canaries;
    }

    /// <summary>What a count of so many repetitions varies by, three standard errors, above the level.</summary>
    public static double Limit(double alpha, int canaries) => alpha + (3 * Math.Sqrt(alpha * (1 - alpha) / canaries));

    /// <summary>The look, from 1, at which it stops; 0 if it never does.</summary>
    /// <param name="random">The canary's own.</param>
    /// <param name="shares">The challenger's traffic at each look.</param>
    /// <param name="requests">Requests between two looks.</param>
    /// <param name="champion">The champion's error rate at a look.</param>
    /// <param name="challenger">The challenger's.</param>
    /// <param name="stops">What is asked at each look: one stratum for each share so far.</param>
    public static int StopOfErrors(
        StableRandom random,
        double[] shares,
        int requests,
        Func<int, double> champion,
        Func<int, double> challenger,
        Func<List<BernoulliStratum>, bool> stops
    )
    {
        var strata = new List<BernoulliStratum>();
        for (var look = 0; look < shares.Length; look++)
        {
            if (strata.Count == 0 || strata[^1].Share != shares[look])
            {
                strata.Add(new BernoulliStratum(shares[look], 0, 0, 0, 0));
            }

            var s = strata[^1];
            var (p0, p1) = (champion(look), challenger(look));
            for (var i = 0; i < requests; i++)
            {
                if (random.NextDouble() < s.Share)
                {
                    s = s with
                    {
                        Challenger = s.Challenger + 1,
                        ChallengerEvents = s.ChallengerEvents + (random.NextDouble() < p1 ? 1 : 0),
                    };
                }
                else
                {
                    s = s with { Champion = s.Champion + 1, ChampionEvents = s.ChampionEvents + (random.NextDouble() < p0 ? 1 : 0) };
                }
            }

            strata[^1] = s;
            if (stops(strata))
            {
                return look + 1;
            }
        }

        return 0;
    }

    /// <summary>The test of two proportions that is meant for one look, on the pooled counts.</summary>
    public static double NaiveP(IReadOnlyList<BernoulliStratum> strata)
    {
        double n0 = strata.Sum(s => s.Champion),
            n1 = strata.Sum(s => s.Challenger);
        double k0 = strata.Sum(s => s.ChampionEvents),
            k1 = strata.Sum(s => s.ChallengerEvents);
        var pooled = (k0 + k1) / (n0 + n1);
        var error = Math.Sqrt(pooled * (1 - pooled) * ((1 / n0) + (1 / n1)));
        return error > 0 && n0 > 0 && n1 > 0 ? StandardNormal.Above(((k1 / n1) - (k0 / n0)) / error) : 1;
    }

    public static double[] Steady(double share, int looks) => [.. Enumerable.Repeat(share, looks)];
}
