using MathNet.Numerics;

namespace Serverless.Monitoring.Drift.Statistics;

/// <summary>Two-sided tests of whether two shares are equal.</summary>
/// <param name="Statistic">The standardised difference, reference minus current; NaN if neither share can vary.</param>
/// <param name="PValue">How likely so large a difference is between samples from one population.</param>
public sealed record ProportionTest(double Statistic, double PValue)
{
    /// <summary>The z-test with the pooled share.</summary>
    public static ProportionTest Z(long hitsInReference, long reference, long hitsInCurrent, long current)
    {
        var share = (double)(hitsInReference + hitsInCurrent) / (reference + current);
        var z =
            (((double)hitsInReference / reference) - ((double)hitsInCurrent / current))
            / Math.Sqrt(share * (1 - share) * ((1.0 / reference) + (1.0 / current)));
        return new ProportionTest(z, StandardNormal.Outside(z));
    }

    /// <summary>
    /// The z-test, or Fisher's exact one (twice the smaller tail) where fewer than ten of either kind are expected in a sample.
    /// Shares that cannot differ, all or none in both, have p = 1.
    /// </summary>
    public static ProportionTest Safe(long hitsInReference, long reference, long hitsInCurrent, long current)
    {
        var hits = hitsInReference + hitsInCurrent;
        var total = reference + current;
        if (reference == 0 || current == 0 || hits == 0 || hits == total)
        {
            return new ProportionTest(double.NaN, 1);
        }

        var z = Z(hitsInReference, reference, hitsInCurrent, current);
        var expected = (double)Math.Min(hits, total - hits) / total * Math.Min(reference, current);
        return expected >= 10 ? z : z with { PValue = Fisher(hitsInReference, reference, hits, total) };
    }

    // The hypergeometric distribution, summed from the observed count outwards, on the side where it lies.
    private static double Fisher(long hitsInReference, long reference, long hits, long total)
    {
        var isLow = (double)hitsInReference * total <= (double)hits * reference;
        var (low, high) = (Math.Max(0, hits - (total - reference)), Math.Min(hits, reference));
        var (count, end, step) = (hitsInReference, isLow ? low : high, isLow ? -1 : 1);
        var term = Math.Exp(LogChoose(reference, count) + LogChoose(total - reference, hits - count) - LogChoose(total, hits));
        var sum = term;
        while (count != end && term > 0)
        {
            // The ratio of neighbouring terms.
            term *=
                step < 0
                    ? (double)count * (total - reference - hits + count) / ((double)(reference - count + 1) * (hits - count + 1))
                    : (double)(reference - count) * (hits - count) / ((double)(count + 1) * (total - reference - hits + count + 1));
            count += step;
            sum += term;
        }

        return Math.Min(1, 2 * sum);
    }

    private static double LogChoose(long n, long k) =>
        SpecialFunctions.GammaLn(n + 1) - SpecialFunctions.GammaLn(k + 1) - SpecialFunctions.GammaLn(n - k + 1);
}
