using MathNet.Numerics;

namespace Serverless.Monitoring.Drift.Statistics;

/// <summary>A chi-square test of the counts of two samples over the same categories.</summary>
/// <param name="Statistic">Pearson's X²; infinite if the form allows no value where there is one.</param>
/// <param name="DegreesOfFreedom">One less than the categories that have any value.</param>
/// <param name="PValue">NaN for fewer than two categories or an empty sample.</param>
public sealed record ChiSquare(double Statistic, int DegreesOfFreedom, double PValue)
{
    /// <summary>
    /// Pearson's test of a two-row table: are both samples from one distribution? (SciPy's <c>chi2_contingency</c> without correction.)
    /// </summary>
    public static ChiSquare TwoSample(ReadOnlySpan<long> reference, ReadOnlySpan<long> current)
    {
        var (statistic, categories, m, n) = Pearson(reference, current);
        return m == 0 || n == 0
            ? new ChiSquare(double.NaN, 0, double.NaN)
            : new ChiSquare(statistic, categories - 1, Above(statistic, categories - 1));
    }

    /// <summary>
    /// The one-sample form that Evidently uses: the reference's counts, scaled to the size of the current sample, are taken for the true
    /// expectation, as if the reference had no noise of its own. For samples of one size X² is then about twice too large.
    /// </summary>
    /// <param name="reference">The counts of the reference.</param>
    /// <param name="current">The counts of the current data.</param>
    public static ChiSquare OneSample(ReadOnlySpan<long> reference, ReadOnlySpan<long> current)
    {
        var (m, n) = (Sum(reference), Sum(current));
        if (m == 0 || n == 0)
        {
            return new ChiSquare(double.NaN, 0, double.NaN);
        }

        var scale = (double)n / m;
        var (statistic, categories) = (0.0, 0);
        for (var i = 0; i < reference.Length; i++)
        {
            if (reference[i] + current[i] > 0)
            {
                var expected = reference[i] * scale;
                statistic += (current[i] - expected) * (current[i] - expected) / expected;
                categories++;
            }
        }

        return new ChiSquare(statistic, categories - 1, Above(statistic, categories - 1));
    }

    /// <summary>
    /// Pearson's two-sample test with a p-value that holds for rare categories, too: X² has exactly known mean and variance over all ways
    /// to deal the pooled values out to two samples of these sizes, and a gamma distribution with these two stands for its own. Dawson
    /// (1954), "A simplified expression for the variance of the χ²-function on a contingency table". With many values a category it is the
    /// usual test.
    /// </summary>
    public static ChiSquare TwoSampleExactMoments(ReadOnlySpan<long> reference, ReadOnlySpan<long> current)
    {
        var (statistic, categories, m, n) = Pearson(reference, current);
        double total = m + n;
        if (m == 0 || n == 0)
        {
            return new ChiSquare(double.NaN, 0, double.NaN);
        }

        if (categories < 2 || total < 5)
        {
            return new ChiSquare(statistic, categories - 1, categories < 2 ? double.NaN : 1);
        }

        var columnReciprocals = 0.0;
        for (var i = 0; i < reference.Length; i++)
        {
            columnReciprocals += reference[i] + current[i] > 0 ? 1.0 / (reference[i] + current[i]) : 0;
        }

        var (rows, columns) = (Terms(2, (1.0 / m) + (1.0 / n)), Terms(categories, columnReciprocals));
        var mean = total / (total - 1) * (categories - 1);
        var variance =
            (2 * total / (total - 3) * (rows.V - rows.W) * (columns.V - columns.W)) + (total * total / (total - 1) * rows.W * columns.W);
        if (variance < 1e-9 * mean)
        {
            // Every way to deal out the values gives the same X²: it says nothing.
            return new ChiSquare(statistic, categories - 1, 1);
        }

        return new ChiSquare(
            statistic,
            categories - 1,
            SpecialFunctions.GammaUpperRegularized(mean * mean / variance, statistic * mean / variance)
        );

        (double V, double W) Terms(double kinds, double reciprocals) =>
            ((kinds - 1) * (total - kinds) / (total - 1), ((total * reciprocals) - (kinds * kinds)) / (total - 2));
    }

    private static (double Statistic, int Categories, long First, long Second) Pearson(
        ReadOnlySpan<long> reference,
        ReadOnlySpan<long> current
    )
    {
        var (m, n) = (Sum(reference), Sum(current));
        var (statistic, categories) = (0.0, 0);
        for (var i = 0; i < reference.Length; i++)
        {
            double both = reference[i] + current[i];
            if (both > 0)
            {
                // The two cells of a category deviate by the same amount, in opposite directions.
                var deviation = reference[i] - (both * m / (m + n));
                statistic += deviation * deviation / both;
                categories++;
            }
        }

        return (statistic * (m + n) * (m + n) / ((double)m * n), categories, m, n);
    }

    private static double Above(double statistic, int degreesOfFreedom) =>
        degreesOfFreedom < 1 ? double.NaN
        : double.IsPositiveInfinity(statistic) ? 0
        : SpecialFunctions.GammaUpperRegularized(degreesOfFreedom / 2.0, statistic / 2);

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
