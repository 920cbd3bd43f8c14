using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Serverless.Monitoring.Drift.Statistics;

/// <summary>
/// Finds the places of numbers among rising splitters. A table of cells of equal width over the middle of the range says where to begin,
/// which for most values is where to end, too; in dense cells and outside of the table the rest is halving.
/// </summary>
internal sealed class SplitterIndex
{
    private const int Cells = 1 << 15;

    private readonly double[] _splitters;
    private readonly double[] _padded;
    private readonly ushort[] _first = new ushort[Cells + 3];
    private readonly double _low;
    private readonly double _scale;

    /// <param name="splitters">Rising, all different, at least one and at most 32,000.</param>
    public SplitterIndex(double[] splitters)
    {
        _splitters = splitters;
        _padded = [.. splitters, double.PositiveInfinity, double.PositiveInfinity, double.PositiveInfinity];
        var tail = splitters.Length / 25;
        _low = splitters[tail];
        var scale = Cells / (splitters[splitters.Length - 1 - tail] - _low);
        _scale = double.IsFinite(scale) ? scale : 0;

        // By the very arithmetic that looks values up: it rises with the value, so a splitter of a lower cell is below the value, and one
        // of a higher cell above it, however it rounds.
        for (int cell = 0, k = 0; cell < _first.Length; cell++)
        {
            while (k < splitters.Length && CellOf(splitters[k], _low, _scale) < cell)
            {
                k++;
            }

            _first[cell] = (ushort)k;
        }
    }

    /// <summary>One more than twice the splitters.</summary>
    public int Buckets => (2 * _splitters.Length) + 1;

    /// <param name="values">Finite.</param>
    /// <param name="buckets">As many as values.</param>
    /// <param name="counts">As many as <see cref="Buckets"/>.</param>
    /// <summary>Notes and counts the bucket of each finite value: 2k between splitters k-1 and k, and 2k+1 for splitter k itself.</summary>
    public void Classify(ReadOnlySpan<double> values, Span<ushort> buckets, Span<int> counts)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(counts.Length, Buckets);

        // The checks of bounds would be most of the work: cells are within the table by CellOf, and k below the padded splitters by the
        // table.
        ref var splitters = ref MemoryMarshal.GetArrayDataReference(_padded);
        ref var first = ref MemoryMarshal.GetArrayDataReference(_first);
        ref var count = ref MemoryMarshal.GetReference(counts);
        var (low, scale) = (_low, _scale);
        buckets = buckets[..values.Length];
        for (var i = 0; i < values.Length; i++)
        {
            var value = values[i];
            var cell = (nint)CellOf(value, low, scale);
            int k = Unsafe.Add(ref first, cell),
                end = Unsafe.Add(ref first, cell + 1);
            while (end - k > 2)
            {
                var middle = (k + end) >>> 1;
                var isBelow = Unsafe.Add(ref splitters, (nint)middle) < value;
                k = isBelow ? middle + 1 : k;
                end = isBelow ? end : middle;
            }

            // At most two are left to pass, and those behind are not below the value: no branch to guess wrong.
            k += Unsafe.Add(ref splitters, (nint)k) < value ? 1 : 0;
            k += Unsafe.Add(ref splitters, (nint)k) < value ? 1 : 0;
            var bucket = (2 * k) + (Unsafe.Add(ref splitters, (nint)k) == value ? 1 : 0);
            buckets[i] = (ushort)bucket;
            Unsafe.Add(ref count, (nint)bucket)++;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int CellOf(double value, double low, double scale) => (int)Math.Min(Math.Max((value - low) * scale, -1), Cells) + 1;
}
