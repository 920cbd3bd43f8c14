using System.Numerics;
using System.Runtime.InteropServices;

namespace Serverless.Monitoring.Drift.Statistics;

internal static class FiniteValues
{
    /// <summary>The values that are neither NaN nor infinite: the same memory if all are, else a copy.</summary>
    public static ReadOnlySpan<double> Of(ReadOnlySpan<double> values)
    {
        if (AreAll(values))
        {
            return values;
        }

        var (nulls, infinite) = Count(values);
        return Copy(values, values.Length - nulls - infinite);
    }

    // Zero times NaN or an infinity is NaN, and NaN stays in a sum.
    private static bool AreAll(ReadOnlySpan<double> values)
    {
        var sum = Vector<double>.Zero;
        var vectors = MemoryMarshal.Cast<double, Vector<double>>(values);
        foreach (var vector in vectors)
        {
            sum += vector * Vector<double>.Zero;
        }

        var rest = Vector.Sum(sum);
        foreach (var value in values[(vectors.Length * Vector<double>.Count)..])
        {
            rest += value * 0;
        }

        return rest == 0;
    }

    public static (int Nulls, int Infinite) Count(ReadOnlySpan<double> values)
    {
        var (nulls, infinite) = (0, 0);
        foreach (var value in values)
        {
            nulls += double.IsNaN(value) ? 1 : 0;
            infinite += double.IsInfinity(value) ? 1 : 0;
        }

        return (nulls, infinite);
    }

    public static double[] Sorted(ReadOnlySpan<double> values)
    {
        var (nulls, infinite) = Count(values);
        var sorted = Copy(values, values.Length - nulls - infinite);
        Array.Sort(sorted);
        return sorted;
    }

    private static double[] Copy(ReadOnlySpan<double> values, int count)
    {
        var copy = new double[count];
        var next = 0;
        foreach (var value in values)
        {
            if (double.IsFinite(value))
            {
                copy[next++] = value;
            }
        }

        return copy;
    }
}
