using MathNet.Numerics;

namespace Serverless.Monitoring.Sequential;

/// <summary>The number of units (request keys) by arm, as one host counted them in one step.</summary>
public readonly record struct SampleRatioCount(double Share, long Champion, long Challenger);

/// <summary>
/// Whether the traffic was shared as planned. If not, the arms are not alike, and no test on them means anything. The chi-square test
/// tells it at one look; for many looks there is Lindon and Malek's ("Anytime-valid inference for multinomial count data", 2022):
/// the Beta-binomial likelihood of the counts against the planned one,
/// <code>B(a + n₁, b + n₀) / B(a, b) / (f^n₁ (1 - f)^n₀),  a = c·f, b = c·(1 - f)</code>
/// </summary>
public static class SampleRatio
{
    /// <summary>c: how strongly the prior holds on to the planned share. With 1,000 it looks for deviations of a few percent.</summary>
    private const double Concentration = 1000;

    /// <summary>Gets the chi-square test's p-value at one look, for display only: repeated looks are not valid.</summary>
    public static double ChiSquareP(SampleRatioCount count)
    {
        var total = count.Champion + count.Challenger;
        var variance = total * count.Share * (1 - count.Share);
        return variance > 0 ? StandardNormal.Outside(Math.Abs(count.Challenger - (total * count.Share)) / Math.Sqrt(variance)) : 1;
    }

    /// <summary>The logarithm of the evidence of one host and step.</summary>
    public static double LogEvidence(SampleRatioCount count)
    {
        var (f, n1, n0) = (count.Share, count.Challenger, count.Champion);
        if (f is not (> 0 and < 1))
        {
            // All of it is one arm's by plan: what the other one got is a mistake, but never a chance.
            return 0;
        }

        var (a, b) = (Concentration * f, Concentration * (1 - f));
        return SpecialFunctions.BetaLn(a + n1, b + n0) - SpecialFunctions.BetaLn(a, b) - (n1 * Math.Log(f)) - (n0 * Math.Log(1 - f));
    }

    /// <summary>
    /// The always-valid p-value over hosts and steps. The same keys come to several hosts and steps, so their counts hang together; a
    /// weighted mean of e-values is an e-value however they do (Vovk and Wang, 2021). The weights are fixed beforehand, 1/(k(k+1)) for the
    /// k-th host, so that a host may join at any time.
    /// </summary>
    /// <param name="hosts">The counts by step for each host, in the order in which the hosts joined.</param>
    /// <param name="steps">The number of steps in the plan.</param>
    public static double PValue(IReadOnlyList<IReadOnlyList<SampleRatioCount>> hosts, int steps)
    {
        ArgumentNullException.ThrowIfNull(hosts);
        var evidence = 1.0 / (hosts.Count + 1);
        for (var k = 0; k < hosts.Count; k++)
        {
            var weight = 1.0 / ((k + 1.0) * (k + 2.0) * steps);
            evidence += weight * (hosts[k].Sum(c => Math.Exp(LogEvidence(c))) + Math.Max(0, steps - hosts[k].Count));
        }

        return double.IsNaN(evidence) ? 0 : Math.Min(1, 1 / evidence);
    }
}
