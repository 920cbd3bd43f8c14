namespace Serverless.Monitoring.Sequential;

/// <summary>
/// The counts of one stratum, a step of a rollout: a request went to the challenger with the chance <paramref name="Share"/>.
/// </summary>
/// <param name="Share">The planned share of the challenger.</param>
/// <param name="Champion">Requests of the champion.</param>
/// <param name="ChampionEvents">How many of them failed.</param>
/// <param name="Challenger">Requests of the challenger.</param>
/// <param name="ChallengerEvents">How many of them failed.</param>
public readonly record struct BernoulliStratum(double Share, long Champion, long ChampionEvents, long Challenger, long ChallengerEvents);

/// <summary>
/// The two-sample Bernoulli form of the mixture SPRT, one-sided: is the challenger's rate above the champion's by more than a margin?
/// <para>
/// Of the failures, the share that falls on the challenger is q = f·ρ / (f·ρ + 1 - f), where f is its share of the traffic and ρ the
/// ratio of the two rates; equal rates give q = f. The likelihood ratio of the arms of the failures, ∏ (q/f)^k₁ ((1-q)/(1-f))^k₀, mixed
/// over ρ > 1, is Johari, Pekelis and Walsh's mixture SPRT. It holds exactly: for any number of looks, for rates of any size (with a normal
/// approximation two failures in 200 requests stop a harmless canary when one in a thousand fails), and while both rates change over the
/// day.
/// </para>
/// <para>
/// The margin m makes it a product of bets (Waudby-Smith and Ramdas, "Estimating means of bounded random variables by betting", 2024):
/// with λ = q - f a request multiplies by 1 + λ(Y/f) for the challenger and by 1 - λ(Y + m)/(1 - f) for the champion. Its expectation,
/// 1 + λ(p₁ - p₀ - m), is at most 1 if p₁ ≤ p₀ + m, so the product is a supermartingale for every λ, and so is the mixture.
/// </para>
/// </summary>
public static class BernoulliMixture
{
    /// <summary>
    /// The ratios that the mixture weighs equally. A discrete mixture is as valid as a continuous one; these are close enough together
    /// that none in between is missed.
    /// </summary>
    private static readonly double[] Ratios = [.. Enumerable.Range(0, 16).Select(i => 1 + (0.1 * Math.Pow(500, i / 15.0)))];

    /// <summary>Tests p₁ ≤ p₀ + <paramref name="margin"/> against p₁ &gt; p₀ + <paramref name="margin"/>.</summary>
    public static SequentialResult Test(IReadOnlyList<BernoulliStratum> strata, double margin)
    {
        ArgumentNullException.ThrowIfNull(strata);
        ArgumentOutOfRangeException.ThrowIfNegative(margin);
        var compared = strata.Where(s => s.Share is > 0 and < 1).ToList();
        var logs = new double[Ratios.Length];
        for (var i = 0; i < logs.Length; i++)
        {
            foreach (var stratum in compared)
            {
                logs[i] += LogWealth(stratum, Ratios[i], margin);
            }
        }

        return new SequentialResult
        {
            LogEvidence = LogMean(logs),
            Difference = Difference(compared),
            ChampionCount = compared.Sum(s => s.Champion),
            ChallengerCount = compared.Sum(s => s.Challenger),
        };
    }

    /// <summary>
    /// Tests p ≤ <paramref name="limit"/> for one stream alone, by bets 1 + λ(Y - limit) on a mixture of λ: where all traffic is the
    /// challenger's there is no champion to compare with.
    /// </summary>
    public static SequentialResult TestLimit(long count, long events, double limit)
    {
        if (limit is not (> 0 and < 1))
        {
            return new SequentialResult
            {
                LogEvidence = 0,
                ChallengerCount = count,
                Difference = Rate(events, count) - limit,
            };
        }

        // λ for which a rate of ratio·limit is the expected one: the likelihood ratio of Bernoulli(ratio·limit) against Bernoulli(limit).
        var logs = Ratios
            .Select(ratio => Math.Min(ratio * limit, (1 + limit) / 2))
            .Select(rate => (events * Math.Log(rate / limit)) + ((count - events) * Math.Log((1 - rate) / (1 - limit))))
            .ToArray();
        return new SequentialResult
        {
            LogEvidence = LogMean(logs),
            ChallengerCount = count,
            Difference = Rate(events, count) - limit,
        };
    }

    private static double LogWealth(BernoulliStratum s, double ratio, double margin)
    {
        var f = s.Share;
        var q = f * ratio / ((f * ratio) + 1 - f);
        // A failure of the champion must leave something of the stake.
        var bet = Math.Min(q - f, 0.999 * (1 - f) / (1 + margin));
        var onFailure = 1 - (bet * (1 + margin) / (1 - f));
        var onSuccess = 1 - (bet * margin / (1 - f));
        return (s.ChallengerEvents * Math.Log(1 + (bet / f)))
            + (s.ChampionEvents * Math.Log(onFailure))
            + ((s.Champion - s.ChampionEvents) * Math.Log(onSuccess));
    }

    /// <summary>The differences of the strata, each weighed by what it can tell: pooled rates would compare hours of the day.</summary>
    private static double Difference(IEnumerable<BernoulliStratum> strata)
    {
        var (sum, weights) = (0.0, 0.0);
        foreach (var s in strata.Where(s => s.Champion > 0 && s.Challenger > 0))
        {
            var weight = (double)s.Champion * s.Challenger / (s.Champion + s.Challenger);
            sum += weight * (Rate(s.ChallengerEvents, s.Challenger) - Rate(s.ChampionEvents, s.Champion));
            weights += weight;
        }

        return weights > 0 ? sum / weights : double.NaN;
    }

    private static double Rate(long events, long count) => count > 0 ? (double)events / count : double.NaN;

    private static double LogMean(double[] logs)
    {
        var largest = logs.Max();
        return largest + Math.Log(logs.Average(l => Math.Exp(l - largest)));
    }
}
