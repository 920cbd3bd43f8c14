namespace Serverless.Monitoring.Profiles;

/// <summary>
/// Counts in bins of equal width over the finite values of a column. Bin i holds the values in [Edges[i], Edges[i+1]); the last
/// holds its upper edge, too. There is one edge more than bins. A column of one value has one bin of no width.
/// </summary>
public sealed record Histogram(IReadOnlyList<double> Edges, IReadOnlyList<long> Counts)
{
    internal static readonly Histogram Empty = new([], []);

    /// <summary>The histogram of finite values in rising order.</summary>
    internal static Histogram OfSorted(ReadOnlySpan<double> sorted, int bins)
    {
        if (sorted.IsEmpty)
        {
            return Empty;
        }

        var (low, high) = (sorted[0], sorted[^1]);
        if (low == high)
        {
            return new Histogram([low, high], [sorted.Length]);
        }

        var edges = new double[bins + 1];
        var isHuge = double.IsInfinity(high - low);
        for (var i = 0; i < bins; i++)
        {
            // The range of huge values is more than a double holds.
            var share = (double)i / bins;
            edges[i] = isHuge ? (low * (1 - share)) + (high * share) : low + ((high - low) * share);
        }

        edges[bins] = high;
        var counts = new long[bins];
        var bin = 0;
        foreach (var value in sorted)
        {
            while (bin < bins - 1 && value >= edges[bin + 1])
            {
                bin++;
            }

            counts[bin]++;
        }

        return new Histogram(edges, counts);
    }
}
