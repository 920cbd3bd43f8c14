namespace Serverless.Monitoring.Drift.Statistics;

/// <summary>The exact distance D of two samples of finite values.</summary>
internal static class KsDistance
{
    public static (double D, double Location) Of(ReadOnlySpan<double> reference, ReadOnlySpan<double> current)
    {
        if (reference.IsEmpty || current.IsEmpty)
        {
            return (double.NaN, double.NaN);
        }

        // Small samples are sorted sooner than split.
        const int small = 20_000;
        if (reference.Length + current.Length > small)
        {
            var samples = new LargeSamples(reference, current);
            return (samples.D, samples.Location);
        }

        var (left, right) = (reference.ToArray(), current.ToArray());
        Array.Sort(left);
        Array.Sort(right);
        return OfSorted(left, right);
    }

    public static (double D, double Location) OfSorted(ReadOnlySpan<double> reference, ReadOnlySpan<double> current)
    {
        if (reference.IsEmpty || current.IsEmpty)
        {
            return (double.NaN, double.NaN);
        }

        // Whole numbers up to the end: |i/n - j/m| = |i·m - j·n| / (n·m), and no rounding can move the maximum.
        var (largest, location) = (-1L, double.NaN);
        for (int i = 0, j = 0; i < reference.Length && j < current.Length; )
        {
            var value = Math.Min(reference[i], current[j]);
            while (i < reference.Length && reference[i] <= value)
            {
                i++;
            }

            while (j < current.Length && current[j] <= value)
            {
                j++;
            }

            var distance = Math.Abs(((long)i * current.Length) - ((long)j * reference.Length));
            if (distance > largest)
            {
                (largest, location) = (distance, value);
            }
        }

        return (largest / ((double)reference.Length * current.Length), location);
    }
}
