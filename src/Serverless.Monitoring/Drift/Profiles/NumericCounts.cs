namespace Serverless.Monitoring.Drift.Profiles;

/// <summary>
/// One sample of finite numbers, as counts over knots: how many values equal each knot, and how many lie strictly between two neighbours.
/// If nothing lies between, the sample is known exactly; else within the gap between two knots only the number and the sum of its values
/// are known.
/// </summary>
internal sealed class NumericCounts
{
    private long[]? _upTo;

    public NumericCounts(double[] knots)
        : this(knots, new long[knots.Length], new long[knots.Length + 1], new double[knots.Length + 1]) { }

    public NumericCounts(double[] knots, long[] at, long[] between, double[] offsets)
    {
        Knots = knots;
        At = at;
        Between = between;
        Offsets = offsets;
        Count = at.Sum() + between.Sum();
        IsExact = between.AsSpan().IndexOfAnyExcept(0L) < 0;
    }

    /// <summary>Gets the knots, in strictly ascending order.</summary>
    public double[] Knots { get; }

    public long[] At { get; }

    /// <summary>Gets, at k, the number of values above knot k-1 and below knot k. One element longer than the knots.</summary>
    public long[] Between { get; }

    /// <summary>
    /// Gets, at k, the sum of the distances of those values from knot k-1; for those below the first knot, from the first knot.
    /// </summary>
    public double[] Offsets { get; }

    public long Count { get; private set; }

    public bool IsExact { get; private set; }

    /// <summary>Creates counts with every value of a sorted sample as a knot.</summary>
    public static NumericCounts Exact(ReadOnlySpan<double> sorted)
    {
        var (knots, at) = (new List<double>(), new List<long>());
        for (var start = 0; start < sorted.Length; )
        {
            var end = start + 1;
            while (end < sorted.Length && sorted[end] == sorted[start])
            {
                end++;
            }

            knots.Add(sorted[start]);
            at.Add(end - start);
            start = end;
        }

        return new NumericCounts([.. knots], [.. at], new long[knots.Count + 1], new double[knots.Count + 1]);
    }

    /// <summary>Counts a sorted sample over given knots.</summary>
    public static NumericCounts OfSorted(ReadOnlySpan<double> sorted, double[] knots)
    {
        var counts = new NumericCounts(knots);
        var k = 0;
        foreach (var value in sorted)
        {
            while (k < knots.Length && knots[k] < value)
            {
                k++;
            }

            counts.AddAt(k, value);
        }

        return counts;
    }

    public void Add(double value)
    {
        var k = Array.BinarySearch(Knots, value);
        AddAt(k < 0 ? ~k : k, value);
    }

    /// <summary>Returns the same exact sample over more knots, which include all of its own.</summary>
    public NumericCounts On(double[] knots)
    {
        var counts = new NumericCounts(knots);
        for (int i = 0, k = 0; i < Knots.Length; i++)
        {
            while (knots[k] < Knots[i])
            {
                k++;
            }

            counts.At[k] = At[i];
        }

        counts.Count = Count;
        return counts;
    }

    /// <summary>Returns the number of values up to and including x. Values within a gap are assumed to be evenly spread.</summary>
    public double CountUpTo(double x)
    {
        var k = Array.BinarySearch(Knots, x);
        return k >= 0 ? UpTo(k) : CountInGap(~k, x);
    }

    /// <summary>Returns the number of values below x.</summary>
    public double CountBelow(double x)
    {
        var k = Array.BinarySearch(Knots, x);
        return k >= 0 ? UpTo(k) - At[k] : CountInGap(~k, x);
    }

    /// <summary>Returns the counts ordered by value: gap, knot, gap, knot, …, gap.</summary>
    public long[] Blocks()
    {
        var blocks = new long[(2 * Knots.Length) + 1];
        for (var k = 0; k < Knots.Length; k++)
        {
            blocks[2 * k] = Between[k];
            blocks[(2 * k) + 1] = At[k];
        }

        blocks[^1] = Between[^1];
        return blocks;
    }

    private void AddAt(int k, double value)
    {
        Count++;
        _upTo = null;
        if (k < Knots.Length && Knots[k] == value)
        {
            At[k]++;
            return;
        }

        IsExact = false;
        Between[k]++;
        if (Knots.Length > 0)
        {
            Offsets[k] += k == 0 ? Knots[0] - value : value - Knots[k - 1];
        }
    }

    private long UpTo(int k)
    {
        if (_upTo is null)
        {
            _upTo = new long[Knots.Length];
            var sum = 0L;
            for (var i = 0; i < Knots.Length; i++)
            {
                sum += Between[i] + At[i];
                _upTo[i] = sum;
            }
        }

        return _upTo[k];
    }

    private double CountInGap(int k, double x)
    {
        var before = k == 0 ? 0 : UpTo(k - 1);
        if (Between[k] == 0)
        {
            return before;
        }

        // Outside all knots only the mean distance is known: half of the values are assumed to be within twice that distance.
        var share =
            k == 0 ? 1 - ((Knots.Length == 0 ? 0 : Knots[0] - x) / (2 * Offsets[0] / Between[0]))
            : k == Knots.Length ? (x - Knots[k - 1]) / (2 * Offsets[k] / Between[k])
            : (x - Knots[k - 1]) / (Knots[k] - Knots[k - 1]);
        return before + (Between[k] * Math.Clamp(share, 0, 1));
    }
}
