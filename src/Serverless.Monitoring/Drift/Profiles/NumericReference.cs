using Serverless.Monitoring.Drift.Statistics;

namespace Serverless.Monitoring.Drift.Profiles;

/// <summary>A profile's data of a numeric column.</summary>
internal sealed record NumericReference(NumericCounts Counts, Moments Moments, double Min, double Max, long Distinct, double[] Deciles)
{
    /// <param name="sorted">The finite values in ascending order.</param>
    /// <param name="options">The number of values to keep exactly, and of knots otherwise.</param>
    public static NumericReference OfSorted(ReadOnlySpan<double> sorted, ReferenceProfileOptions options)
    {
        var distinct = CountDistinct(sorted);
        var deciles = DecilesOf(sorted);
        var counts =
            distinct <= options.ExactValues
                ? NumericCounts.Exact(sorted)
                : NumericCounts.OfSorted(sorted, EquiDepth(sorted, options.SketchKnots, deciles));
        return new NumericReference(
            counts,
            Moments.Of(sorted),
            sorted.IsEmpty ? double.NaN : sorted[0],
            sorted.IsEmpty ? double.NaN : sorted[^1],
            distinct,
            deciles
        );
    }

    /// <summary>Gets the distinct quantiles at 10, 20, …, 90 percent.</summary>
    public static double[] DecilesOf(ReadOnlySpan<double> sorted)
    {
        var edges = new List<double>(9);
        for (var i = 1; i <= 9 && !sorted.IsEmpty; i++)
        {
            var edge = Quantile.Of(sorted, i / 10.0);
            if (edges.Count == 0 || edge > edges[^1])
            {
                edges.Add(edge);
            }
        }

        return [.. edges];
    }

    private static double[] EquiDepth(ReadOnlySpan<double> sorted, int knots, double[] deciles)
    {
        var values = new List<double>(deciles);
        for (var i = 0; i < knots; i++)
        {
            values.Add(sorted[(int)((long)i * (sorted.Length - 1) / (knots - 1))]);
        }

        return [.. values.Distinct().Order()];
    }

    private static long CountDistinct(ReadOnlySpan<double> sorted)
    {
        var distinct = sorted.IsEmpty ? 0L : 1;
        for (var i = 1; i < sorted.Length; i++)
        {
            distinct += sorted[i] != sorted[i - 1] ? 1 : 0;
        }

        return distinct;
    }
}
