using Serverless.Monitoring.Drift.Profiles;
using Serverless.Monitoring.Drift.Statistics;

namespace Serverless.Monitoring.Drift.Reports;

/// <summary>
/// What a plot of a column shows: the shares of values in bins of numbers, or of labels. Bin i is [Edges[i], Edges[i+1]); if the values
/// reach further than the edges, they count in the outer bins.
/// </summary>
public sealed record Distribution
{
    /// <summary>Gets the edges of numeric bins, one more than there are bins; null for labels.</summary>
    public IReadOnlyList<double>? Edges { get; init; }

    public IReadOnlyList<string>? Labels { get; init; }

    public required IReadOnlyList<double> Reference { get; init; }

    public required IReadOnlyList<double> Current { get; init; }

    internal static Distribution? Of(NumericComparison numbers)
    {
        const int bins = 30,
            mostLabels = 20;
        if (numbers.ReferenceCount == 0 && numbers.CurrentCount == 0)
        {
            return null;
        }

        if (numbers.Distinct <= mostLabels && numbers.IsExact)
        {
            var (values, reference, current) = numbers.ValueCounts();
            return Labelled([.. values.Select(value => CategoryCounter.Format(value))], reference, current);
        }

        var edges = Enumerable.Range(0, bins + 1).ToArray();
        var (low, high) = CentralRange(numbers);
        var at = Array.ConvertAll(edges, i => i == bins ? high : low + ((high - low) * i / bins));
        var (ofReference, ofCurrent) = numbers.SharesBetween(at.AsSpan(1, bins - 1));
        return new Distribution
        {
            Edges = at,
            Reference = Round(ofReference),
            Current = Round(ofCurrent),
        };
    }

    internal static Distribution? Of(CategoryComparison categories)
    {
        const int most = 20;
        if (categories.Names.Length <= most)
        {
            return Labelled(categories.Names, categories.Reference, categories.Current);
        }

        // The most frequent on either side, so that a new category is visible.
        var shown = Enumerable
            .Range(0, categories.Names.Length)
            .OrderByDescending(i =>
                Share(categories.Reference[i], categories.ReferenceCount) + Share(categories.Current[i], categories.CurrentCount)
            )
            .Take(most - 1)
            .Order()
            .ToList();
        return Labelled(
            [.. shown.Select(i => categories.Names[i]), $"({categories.Names.Length - shown.Count} others)"],
            WithRest(categories.Reference, categories.ReferenceCount),
            WithRest(categories.Current, categories.CurrentCount)
        );

        long[] WithRest(long[] counts, long total) => [.. shown.Select(i => counts[i]), total - shown.Sum(i => counts[i])];

        static double Share(long count, long total) => total == 0 ? 0 : (double)count / total;
    }

    private static Distribution Labelled(IReadOnlyList<string> labels, long[] reference, long[] current) =>
        new()
        {
            Labels = labels,
            Reference = Round(Divergence.Shares(reference)),
            Current = Round(Divergence.Shares(current)),
        };

    // A few distant values would leave all others in one bin.
    private static (double Low, double High) CentralRange(NumericComparison numbers)
    {
        var (min, max) = numbers.Range;
        var (low, high) = (numbers.PooledQuantile(0.005), numbers.PooledQuantile(0.995));
        if (!(high > low) || max - min <= 2 * (high - low))
        {
            (low, high) = (min, max);
        }
        else if (
            numbers.PooledQuantile(0.05) is var lower
            && numbers.PooledQuantile(0.95) is var upper
            && upper > lower
            && high - low > 5 * (upper - lower)
        )
        {
            // Tails so long that even the last half percent is far out, as in a Cauchy distribution.
            (low, high) = (lower, upper);
        }

        return high > low ? (low, high) : (low - 0.5, low + 0.5);
    }

    private static double[] Round(double[] shares) => Array.ConvertAll(shares, share => double.IsFinite(share) ? Math.Round(share, 6) : 0);
}
