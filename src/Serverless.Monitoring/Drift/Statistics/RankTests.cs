using MathNet.Numerics;

namespace Serverless.Monitoring.Drift.Statistics;

/// <summary>
/// Two tests over the ranks of two samples, given as counts over the values in rising order. Equal values have the mean of
/// their scores. They see what the largest distance misses: Anderson and Darling's the tails and the spread, the centre score a shift amid
/// wild values.
/// </summary>
internal static class RankTests
{
    /// <summary>No more than this share of all values may be equal for Anderson and Darling's limit distribution to hold.</summary>
    private const double MostTies = 0.05;

    /// <summary>Anderson and Darling's two-sample test (Pettitt, 1976); p is NaN where a value is too frequent.</summary>
    public static (double Statistic, double PValue) AndersonDarling(ReadOnlySpan<long> reference, ReadOnlySpan<long> current)
    {
        var (m, n) = (Sum(reference), Sum(current));
        var total = (double)(m + n);
        if (m < 5 || n < 5)
        {
            return (double.NaN, double.NaN);
        }

        var (sum, ofReference, ofBoth) = (0.0, 0.0, 0.0);
        for (var i = 0; i < reference.Length; i++)
        {
            double both = reference[i] + current[i];
            if (both > MostTies * total)
            {
                return (double.NaN, double.NaN);
            }

            if (both > 0)
            {
                // In the middle of the tied values: Scholz and Stephens (1987), equation 7.
                var (middle, middleOfReference) = (ofBoth + (both / 2), ofReference + (reference[i] / 2.0));
                var deviation = (middleOfReference * total) - (middle * m);
                sum += both / total * deviation * deviation / ((middle * (total - middle)) - (total * both / 4));
                ofReference += reference[i];
                ofBoth += both;
            }
        }

        var statistic = sum / ((double)m * n) * (total - 1);
        return (statistic, AndersonDarlingAbove(statistic));
    }

    /// <summary>
    /// The linear rank test with the scores sin 2π(u - ½), the best ones for a shift of a Cauchy distribution (Hájek and Šidák, 1967).
    /// Its variance is that of all ways to deal out the very values, ties and all.
    /// </summary>
    public static (double Z, double PValue) CentreScore(ReadOnlySpan<long> reference, ReadOnlySpan<long> current)
    {
        var (m, n) = (Sum(reference), Sum(current));
        double total = m + n;
        if (m == 0 || n == 0)
        {
            return (double.NaN, double.NaN);
        }

        var (before, sum, squares, ofReference) = (0L, 0.0, 0.0, 0.0);
        for (var i = 0; i < reference.Length; i++)
        {
            var both = reference[i] + current[i];
            if (both > 0)
            {
                // The mean of the sine over the ranks of the tied values, by its integral.
                var (from, to) = (2 * Math.PI * ((before / total) - 0.5), 2 * Math.PI * (((before + both) / total) - 0.5));
                var score = (Math.Cos(from) - Math.Cos(to)) / (to - from);
                sum += both * score;
                squares += both * score * score;
                ofReference += reference[i] * score;
                before += both;
            }
        }

        var mean = sum / total;
        var variance = (double)m * n / (total * (total - 1)) * (squares - (total * mean * mean));
        if (!(variance > 1e-12))
        {
            return (0, 1);
        }

        var z = (ofReference - (m * mean)) / Math.Sqrt(variance);
        return (z, StandardNormal.Outside(z));
    }

    /// <summary>
    /// P(A² ≥ z) in the limit: Marsaglia and Marsaglia (2004), "Evaluating the Anderson-Darling distribution", and its tail.
    /// </summary>
    internal static double AndersonDarlingAbove(double z)
    {
        if (!(z > 0.01))
        {
            return double.IsNaN(z) ? double.NaN : 1;
        }

        if (z < 2)
        {
            var series = 2.00012 + ((.247105 - ((.0649821 - ((.0347962 - ((.0116720 - (.00168691 * z)) * z)) * z)) * z)) * z);
            return 1 - (Math.Exp(-1.2337141 / z) / Math.Sqrt(z) * series);
        }

        if (z < 8)
        {
            var series = 1.0776 - ((2.30695 - ((.43424 - ((.082433 - ((.008056 - (.0003146 * z)) * z)) * z)) * z)) * z);
            return -Math.Exp(-Math.Exp(series)) + 1;
        }

        // A² is a sum of squared normals with the weights 1/(j(j+1)); far out the first one rules, and the others enlarge it by √3
        // (Zolotarev, 1961).
        return Math.Sqrt(3) * SpecialFunctions.Erfc(Math.Sqrt(z));
    }

    private static long Sum(ReadOnlySpan<long> counts)
    {
        var sum = 0L;
        foreach (var count in counts)
        {
            sum += count;
        }

        return sum;
    }
}
