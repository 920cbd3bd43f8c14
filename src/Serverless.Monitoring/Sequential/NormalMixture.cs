using Serverless.Monitoring.Significance;

namespace Serverless.Monitoring.Sequential;

/// <summary>The values of both arms in one stratum, a step of a rollout.</summary>
public readonly record struct NormalStratum(ValueSums Champion, ValueSums Challenger);

/// <summary>
/// The two-sample normal form of the mixture SPRT (Johari, Pekelis, Koomen and Walsh, "Peeking at A/B tests", 2017, section 5). With the
/// difference d of the means and its variance V = s₁²/n₁ + s₀²/n₀, and effects drawn from a normal with the standard deviation τ,
/// <code>Λ = √(V / (V + τ²)) · exp(τ² (d - m)² / (2 V (V + τ²)))</code>
/// In terms of score S = (d - m)/V and information I = 1/V, which add up over strata (S is a Brownian motion in I, however the traffic is
/// shared), Λ = (1 + Iτ²)^-½ exp(S²τ² / (2(1 + Iτ²))). One-sided, the effects are drawn from the half of the normal above the margin, and
/// Λ₊ = 2 Λ Φ(Sτ / √(1 + Iτ²)), which stays a supermartingale for every effect below the margin.
/// </summary>
public static class NormalMixture
{
    /// <summary>Estimated from fewer values a variance is too uncertain to count as known, as the form wants it.</summary>
    public const int MinimumCount = 30;

    /// <summary>Tests mean₁ ≤ mean₀ + <paramref name="margin"/> against mean₁ &gt; mean₀ + <paramref name="margin"/>.</summary>
    /// <param name="strata">The values by stratum.</param>
    /// <param name="margin">How much worse is still as good.</param>
    /// <param name="tau">The mixture's standard deviation: the size of harm that the test shall see soon. Its level holds for any.</param>
    public static SequentialResult TestWorse(IReadOnlyList<NormalStratum> strata, double margin, double tau)
    {
        var (score, information, result) = Collect(strata, margin, tau);
        return information > 0 ? result with { LogEvidence = LogOneSided(score, information, tau) } : result;
    }

    /// <summary>Tests mean₁ = mean₀, two-sided.</summary>
    public static SequentialResult TestDifferent(IReadOnlyList<NormalStratum> strata, double tau)
    {
        var (score, information, result) = Collect(strata, 0, tau);
        return information > 0 ? result with { LogEvidence = LogTwoSided(score, information, tau) } : result;
    }

    /// <summary>
    /// The confidence sequence of the difference: at every look at once it holds the true one with the chance <paramref name="level"/>.
    /// Null if there is nothing yet.
    /// </summary>
    public static ConfidenceInterval? Interval(IReadOnlyList<NormalStratum> strata, double tau, double level)
    {
        var (score, information, _) = Collect(strata, 0, tau);
        if (!(information > 0))
        {
            return null;
        }

        var variance = 1 / information;
        var half = Math.Sqrt(
            2
                * variance
                * (variance + (tau * tau))
                / (tau * tau)
                * (Math.Log(1 / (1 - level)) + (0.5 * Math.Log(1 + (information * tau * tau))))
        );
        return new ConfidenceInterval((score / information) - half, (score / information) + half, level);
    }

    private static double LogTwoSided(double score, double information, double tau)
    {
        var spread = 1 + (information * tau * tau);
        return (score * score * tau * tau / (2 * spread)) - (0.5 * Math.Log(spread));
    }

    private static double LogOneSided(double score, double information, double tau)
    {
        var at = score * tau / Math.Sqrt(1 + (information * tau * tau));
        // Far below the margin Φ underflows; there the evidence is nothing at all.
        var below = StandardNormal.Above(-at);
        return below > 0 ? Math.Log(2) + LogTwoSided(score, information, tau) + Math.Log(below) : double.NegativeInfinity;
    }

    private static (double Score, double Information, SequentialResult Result) Collect(
        IReadOnlyList<NormalStratum> strata,
        double margin,
        double tau
    )
    {
        ArgumentNullException.ThrowIfNull(strata);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(tau);
        var (score, information) = (0.0, 0.0);
        foreach (var s in strata.Where(s => s.Champion.Count >= MinimumCount && s.Challenger.Count >= MinimumCount))
        {
            var variance = (s.Challenger.Variance / s.Challenger.Count) + (s.Champion.Variance / s.Champion.Count);
            // Values that are all alike say nothing about how far the next one may lie.
            if (variance > 0 && double.IsFinite(variance))
            {
                score += (s.Challenger.Mean - s.Champion.Mean - margin) / variance;
                information += 1 / variance;
            }
        }

        return (
            score,
            information,
            new SequentialResult
            {
                LogEvidence = 0,
                Difference = information > 0 ? (score / information) + margin : double.NaN,
                ChampionCount = strata.Sum(s => s.Champion.Count),
                ChallengerCount = strata.Sum(s => s.Challenger.Count),
            }
        );
    }
}
