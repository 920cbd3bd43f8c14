using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Serverless.Monitoring.Drift.Statistics;

/// <summary>
/// Two large samples without sorting either: splitters out of a sorted sample of both part the values into buckets of about the same size,
/// which fits any distribution, and a splitter's own value is a bucket, so ties need no sorting at all. The counts give the distance of the
/// distribution functions at every splitter and bound it in between; only buckets that can still hold the maximum are sorted. The same goes
/// for those that hold a decile.
/// </summary>
internal sealed class LargeSamples
{
    private const int SampleSize = 1 << 14;
    private const int MostSplitters = 1 << 12;

    private readonly double[] _splitters;
    private readonly Side _reference;
    private readonly Side _current;
    private int _bestBucket;

    /// <param name="reference">Finite values, at least one.</param>
    /// <param name="current">Finite values, at least one.</param>
    public LargeSamples(ReadOnlySpan<double> reference, ReadOnlySpan<double> current)
    {
        _splitters = Splitters(reference, current);
        var index = new SplitterIndex(_splitters);
        (_reference, _current) = (new Side(reference.Length, index.Buckets), new Side(current.Length, index.Buckets));
        index.Classify(reference, _reference.Buckets, _reference.Counts);
        index.Classify(current, _current.Buckets, _current.Counts);
        _reference.SumUp();
        _current.SumUp();

        var wanted = new bool[index.Buckets];
        var best = MarkCandidates(wanted);
        var ranks = MarkDeciles(wanted);
        _reference.Collect(reference, wanted);
        _current.Collect(current, wanted);
        (D, Location) = FindDistance(wanted, best);
        (ReferenceShares, CurrentShares) = ShareByDeciles(ranks);
    }

    public double D { get; }

    public double Location { get; }

    /// <summary>By the different deciles of the reference.</summary>
    public double[] ReferenceShares { get; }

    public double[] CurrentShares { get; }

    private static double[] Splitters(ReadOnlySpan<double> reference, ReadOnlySpan<double> current)
    {
        var sample = new List<double>(SampleSize);
        Draw(reference);
        Draw(current);
        sample.Sort();
        var distinct = sample.Where((value, i) => i == 0 || value != sample[i - 1]).ToArray();
        if (distinct.Length <= MostSplitters)
        {
            return distinct;
        }

        var every = (sample.Count + MostSplitters - 1) / MostSplitters;
        var splitters = new List<double>(MostSplitters);
        for (var i = every / 2; i < sample.Count; i += every)
        {
            if (splitters.Count == 0 || sample[i] > splitters[^1])
            {
                splitters.Add(sample[i]);
            }
        }

        return [.. splitters];

        // Whatever the order of the rows: a bad sample costs time, never exactness.
        void Draw(ReadOnlySpan<double> values)
        {
            var take = Math.Min(values.Length, SampleSize / 2);
            for (var i = 0; i < take; i++)
            {
                sample.Add(values[(int)((long)i * values.Length / take)]);
            }
        }
    }

    // Distances are whole numbers: i of m and j of n values are |i·n - j·m| apart, in units of 1/(m·n).
    private long MarkCandidates(bool[] wanted)
    {
        var best = -1L;
        for (var b = 0; b < wanted.Length; b++)
        {
            var distance = Math.Abs(Apart(_reference.UpTo(b), _current.UpTo(b)));
            if (distance > best && _reference.Counts[b] + _current.Counts[b] > 0)
            {
                (best, _bestBucket) = (distance, b);
            }
        }

        for (var b = 0; b < wanted.Length; b += 2)
        {
            wanted[b] = Bound(b) > best;
        }

        // Its last value is where the distance is reached, if no other bucket has a larger one.
        wanted[_bestBucket] |= _bestBucket % 2 == 0;
        return best;
    }

    // Within a bucket the one function may rise to its end before the other one rises at all.
    private long Bound(int b) =>
        Math.Max(Math.Abs(Apart(_reference.UpTo(b), _current.Below(b))), Math.Abs(Apart(_reference.Below(b), _current.UpTo(b))));

    private long Apart(long i, long j) => (i * _current.Length) - (j * _reference.Length);

    private (double D, double Location) FindDistance(bool[] wanted, long best)
    {
        var location = double.NaN;
        var largest = best;
        foreach (
            var b in Enumerable.Range(0, wanted.Length).Where(b => wanted[b] && b % 2 == 0 && Bound(b) > best).OrderByDescending(Bound)
        )
        {
            if (Bound(b) <= largest)
            {
                break;
            }

            var left = _reference.Sorted(b);
            var right = _current.Sorted(b);
            var (i, j) = (0, 0);
            while (i < left.Length || j < right.Length)
            {
                var value =
                    i == left.Length ? right[j]
                    : j == right.Length ? left[i]
                    : Math.Min(left[i], right[j]);
                while (i < left.Length && left[i] <= value)
                {
                    i++;
                }

                while (j < right.Length && right[j] <= value)
                {
                    j++;
                }

                var distance = Math.Abs(Apart(_reference.Below(b) + i, _current.Below(b) + j));
                if (distance > largest)
                {
                    (largest, location) = (distance, value);
                }
            }
        }

        return (largest / ((double)_reference.Length * _current.Length), double.IsNaN(location) ? LastOf(_bestBucket) : location);
    }

    private double LastOf(int b)
    {
        if (b % 2 == 1)
        {
            return _splitters[b / 2];
        }

        var left = _reference.Sorted(b);
        var right = _current.Sorted(b);
        return left.IsEmpty ? right[^1]
            : right.IsEmpty ? left[^1]
            : Math.Max(left[^1], right[^1]);
    }

    // A decile lies between two neighbours in rank; whatever lies between them is needed, too, to count the current values up to it.
    private List<(long Rank, double Share)> MarkDeciles(bool[] wanted)
    {
        var ranks = new List<(long, double)>();
        for (var i = 1; i <= 9; i++)
        {
            var position = i / 10.0 * (_reference.Length - 1);
            var rank = (long)Math.Floor(position);
            ranks.Add((rank, position - rank));
            var last = _reference.BucketOf(Math.Min(rank + 1, _reference.Length - 1));
            for (var b = _reference.BucketOf(rank); b <= last; b++)
            {
                wanted[b] |= b % 2 == 0;
            }
        }

        return ranks;
    }

    private (double[] Reference, double[] Current) ShareByDeciles(List<(long Rank, double Share)> ranks)
    {
        var (reference, current, last) = (new List<double>(), new List<double>(), double.NaN);
        var (i, j) = (0L, 0L);
        foreach (var (rank, share) in ranks)
        {
            ReadOnlySpan<double> pair = [ValueAt(rank), ValueAt(Math.Min(rank + 1, _reference.Length - 1))];
            var edge = Quantile.Of(pair, share);
            if (edge > last || double.IsNaN(last))
            {
                var (upToReference, upToCurrent) = (CountUpTo(_reference, edge), CountUpTo(_current, edge));
                reference.Add((double)(upToReference - i) / _reference.Length);
                current.Add((double)(upToCurrent - j) / _current.Length);
                (i, j, last) = (upToReference, upToCurrent, edge);
            }
        }

        reference.Add((double)(_reference.Length - i) / _reference.Length);
        current.Add((double)(_current.Length - j) / _current.Length);
        return ([.. reference], [.. current]);
    }

    private double ValueAt(long rank)
    {
        var b = _reference.BucketOf(rank);
        return b % 2 == 1 ? _splitters[b / 2] : _reference.Sorted(b)[(int)(rank - _reference.Below(b))];
    }

    private long CountUpTo(Side side, double value)
    {
        var k = Array.BinarySearch(_splitters, value);
        if (k >= 0)
        {
            return side.UpTo((2 * k) + 1);
        }

        var values = side.Sorted(2 * ~k);
        var count = 0;
        while (count < values.Length && values[count] <= value)
        {
            count++;
        }

        return side.Below(2 * ~k) + count;
    }

    /// <summary>One of the samples in its buckets.</summary>
    private sealed class Side(int length, int buckets)
    {
        private readonly int[] _upTo = new int[buckets];
        private readonly int[] _start = new int[buckets];
        private readonly bool[] _isSorted = new bool[buckets];
        private double[] _collected = [];

        public int Length => length;

        public ushort[] Buckets { get; } = GC.AllocateUninitializedArray<ushort>(length);

        public int[] Counts { get; } = new int[buckets];

        public long UpTo(int bucket) => _upTo[bucket];

        public long Below(int bucket) => bucket == 0 ? 0 : _upTo[bucket - 1];

        public void SumUp()
        {
            var sum = 0;
            for (var b = 0; b < _upTo.Length; b++)
            {
                _upTo[b] = sum += Counts[b];
            }
        }

        public int BucketOf(long rank)
        {
            var (low, high) = (0, _upTo.Length - 1);
            while (low < high)
            {
                var middle = (low + high) / 2;
                (low, high) = _upTo[middle] <= rank ? (middle + 1, high) : (low, middle);
            }

            return low;
        }

        public void Collect(ReadOnlySpan<double> values, bool[] wanted)
        {
            var next = new int[wanted.Length];
            var total = 0;
            for (var b = 0; b < wanted.Length; b++)
            {
                next[b] = _start[b] = total;
                total += wanted[b] ? Counts[b] : 0;
            }

            _collected = new double[total];
            // Few are wanted, so the others should cost next to nothing.
            ReadOnlySpan<ushort> own = Buckets;
            ref var isWanted = ref MemoryMarshal.GetArrayDataReference(wanted);
            for (var i = 0; i < own.Length; i++)
            {
                if (Unsafe.Add(ref isWanted, (nint)own[i]))
                {
                    _collected[next[own[i]]++] = values[i];
                }
            }
        }

        /// <summary>The values of a bucket that was wanted.</summary>
        public ReadOnlySpan<double> Sorted(int bucket)
        {
            var values = _collected.AsSpan(_start[bucket], Counts[bucket]);
            if (!_isSorted[bucket])
            {
                values.Sort();
                _isSorted[bucket] = true;
            }

            return values;
        }
    }
}
