using Serverless.Monitoring.Drift.Statistics;

namespace Serverless.Monitoring.Drift.Profiles;

/// <summary>A numeric column of the reference and of the current data, counted over the same knots, with derived results.</summary>
internal sealed class NumericComparison
{
    private readonly NumericCounts _reference;
    private readonly NumericCounts _current;
    private readonly NumericReference _profile;
    private readonly (double Min, double Max) _range;

    private NumericComparison(
        NumericReference profile,
        NumericCounts reference,
        NumericCounts current,
        Moments moments,
        double min,
        double max
    )
    {
        _profile = profile;
        _reference = reference;
        _current = current;
        CurrentMoments = moments;
        (CurrentMin, CurrentMax) = (min, max);
        _range = (Least(profile.Min, min), -Least(-profile.Max, -max));
    }

    public long ReferenceCount => _reference.Count;

    public long CurrentCount => _current.Count;

    public Moments ReferenceMoments => _profile.Moments;

    public Moments CurrentMoments { get; }

    public double ReferenceMin => _profile.Min;

    public double ReferenceMax => _profile.Max;

    public double CurrentMin { get; }

    public double CurrentMax { get; }

    public long ReferenceDistinct => _profile.Distinct;

    public (double Min, double Max) Range => _range;

    public double[] Knots => _reference.Knots;

    /// <summary>
    /// Gets a value that indicates whether every value of both sides is known; otherwise, results that need values between knots are
    /// approximate.
    /// </summary>
    public bool IsExact => _reference.IsExact && _current.IsExact;

    /// <summary>Gets the number of distinct values of both sides together; a lower bound if not all are known.</summary>
    public long Distinct =>
        IsExact ? Knots.Length : Math.Max(_profile.Distinct, Knots.Length) + _current.Between.LongCount(count => count > 0);

    /// <summary>Gets the current values in order of arrival, if all of them were kept.</summary>
    public static NumericComparison OfSorted(NumericReference profile, double[] sorted)
    {
        var (min, max) = sorted.Length == 0 ? (double.NaN, double.NaN) : (sorted[0], sorted[^1]);
        if (!profile.Counts.IsExact)
        {
            return new NumericComparison(
                profile,
                profile.Counts,
                NumericCounts.OfSorted(sorted, profile.Counts.Knots),
                Moments.Of(sorted),
                min,
                max
            );
        }

        var own = NumericCounts.Exact(sorted);
        var knots = Merge(profile.Counts.Knots, own.Knots);
        return new NumericComparison(profile, profile.Counts.On(knots), own.On(knots), Moments.Of(sorted), min, max);
    }

    /// <summary>Gets the current values as counts over the knots of the profile.</summary>
    public static NumericComparison OfCounts(NumericReference profile, NumericCounts current, Moments moments, double min, double max) =>
        new(profile, profile.Counts, current, moments, min, max);

    /// <summary>Gets the counts of both sides, alternating between gaps and knots, ordered by value.</summary>
    public (long[] Reference, long[] Current) Blocks() => (_reference.Blocks(), _current.Blocks());

    /// <summary>
    /// Gets the Kolmogorov-Smirnov distance. Exact if the reference is; otherwise too small by at most the share between two knots.
    /// </summary>
    public (double D, double Location) KsDistance()
    {
        if (ReferenceCount == 0 || CurrentCount == 0)
        {
            return (double.NaN, double.NaN);
        }

        var (reference, current) = Blocks();
        var (i, j, largest, location) = (0L, 0L, -1.0, double.NaN);
        for (var block = 0; block < reference.Length; block++)
        {
            i += reference[block];
            j += current[block];
            var distance = Math.Abs(((double)i * CurrentCount) - ((double)j * ReferenceCount));
            if (distance > largest && Knots.Length > 0)
            {
                (largest, location) = (distance, Knots[Math.Min(block / 2, Knots.Length - 1)]);
            }
        }

        return (largest / ((double)ReferenceCount * CurrentCount), location);
    }

    /// <summary>
    /// Chooses the formula like SciPy, except that it uses the asymptotic one where exactness would take long and p is certainly tiny.
    /// </summary>
    public double KsPValue(double d)
    {
        const double mostWork = 2e7;
        return KsExact.Work(d, ReferenceCount, CurrentCount) <= mostWork
            ? KolmogorovSmirnov.Probability(d, ReferenceCount, CurrentCount)
            : KolmogorovSmirnov.Asymptotic(d, ReferenceCount, CurrentCount);
    }

    /// <summary>Wasserstein's distance. Exact, but for gaps in which one distribution function overtakes the other.</summary>
    public double WassersteinDistance()
    {
        if (ReferenceCount == 0 || CurrentCount == 0)
        {
            return double.NaN;
        }

        var (below, area) = (0.0, 0.0);
        for (var k = 0; k <= Knots.Length; k++)
        {
            double end = below + Share(_reference.Between[k], _current.Between[k]);
            if (k == 0 || k == Knots.Length)
            {
                // Outside all knots, only the distances to the outer knot are known.
                area += Math.Abs((_reference.Offsets[k] / ReferenceCount) - (_current.Offsets[k] / CurrentCount));
            }
            else
            {
                var width = Knots[k] - Knots[k - 1];
                area +=
                    below * end >= 0
                        ? Math.Abs((below * width) + Integral(_reference, k, width) - Integral(_current, k, width))
                        : width * ((below * below) + (end * end)) / (2 * (Math.Abs(below) + Math.Abs(end)));
            }

            below = k == Knots.Length ? end : end + Share(_reference.At[k], _current.At[k]);
        }

        return area;

        double Share(long reference, long current) => ((double)reference / ReferenceCount) - ((double)current / CurrentCount);

        // Of the distribution function above its value at the lower knot.
        static double Integral(NumericCounts counts, int k, double width) =>
            ((counts.Between[k] * width) - counts.Offsets[k]) / counts.Count;
    }

    public double NormedWasserstein() => WassersteinDistance() / Math.Max(ReferenceMoments.PopulationDeviation, Wasserstein.LeastDeviation);

    /// <summary>Returns the shares in bins up to and including each decile of the reference, and above the last one.</summary>
    public (double[] Reference, double[] Current) DecileShares() => Shares(_profile.Deciles, (counts, edge) => counts.CountUpTo(edge));

    /// <summary>
    /// The shares by Evidently's rule. More than 20 different values in the reference: bins of equal width over the range of both, as many
    /// as Sturges' rule says for both together (NumPy's <c>histogram_bin_edges</c>). Else one bin a value.
    /// </summary>
    public (double[] Reference, double[] Current) EvidentlyShares()
    {
        if (_profile.Distinct <= 20)
        {
            var (reference, current) = IsExact ? (_reference.At, _current.At) : Blocks();
            return (Divergence.Shares(reference), Divergence.Shares(current));
        }

        var edges = Binning.Sturges(_range.Min, _range.Max, ReferenceCount + CurrentCount);

        // The last bin holds its upper edge, so no edge is needed there.
        return Shares(edges.AsSpan(1, edges.Length - 2), (counts, edge) => counts.CountBelow(edge));
    }

    /// <summary>Returns the shares between edges and outside them. A bin includes its lower edge.</summary>
    public (double[] Reference, double[] Current) SharesBetween(ReadOnlySpan<double> edges) =>
        Shares(edges, (counts, edge) => counts.CountBelow(edge));

    /// <summary>Returns the counts of each value, if there are few.</summary>
    public (double[] Values, long[] Reference, long[] Current) ValueCounts() => (Knots, _reference.At, _current.At);

    /// <summary>Returns the approximate quantile of both samples, equally weighted.</summary>
    public double PooledQuantile(double share)
    {
        var (low, high) = (0, Knots.Length - 1);
        while (low < high)
        {
            var middle = (low + high) / 2;
            var below = ((_reference.CountUpTo(Knots[middle]) / ReferenceCount) + (_current.CountUpTo(Knots[middle]) / CurrentCount)) / 2;
            (low, high) = below < share ? (middle + 1, high) : (low, middle);
        }

        return Knots.Length == 0 ? double.NaN : Knots[low];
    }

    private (double[] Reference, double[] Current) Shares(ReadOnlySpan<double> edges, Func<NumericCounts, double, double> count)
    {
        var (reference, current) = (new double[edges.Length + 1], new double[edges.Length + 1]);
        Fill(_reference, reference, edges);
        Fill(_current, current, edges);
        return (reference, current);

        void Fill(NumericCounts counts, double[] shares, ReadOnlySpan<double> at)
        {
            var last = 0.0;
            for (var i = 0; i < at.Length; i++)
            {
                var next = count(counts, at[i]);
                shares[i] = (next - last) / counts.Count;
                last = next;
            }

            shares[^1] = (counts.Count - last) / counts.Count;
        }
    }

    private static double[] Merge(double[] left, double[] right)
    {
        var merged = new List<double>(left.Length + right.Length);
        for (int i = 0, j = 0; i < left.Length || j < right.Length; )
        {
            var value =
                i == left.Length ? right[j]
                : j == right.Length ? left[i]
                : Math.Min(left[i], right[j]);
            merged.Add(value);
            i += i < left.Length && left[i] == value ? 1 : 0;
            j += j < right.Length && right[j] == value ? 1 : 0;
        }

        return [.. merged];
    }

    private static double Least(double left, double right) =>
        double.IsNaN(left) ? right
        : double.IsNaN(right) ? left
        : Math.Min(left, right);
}
