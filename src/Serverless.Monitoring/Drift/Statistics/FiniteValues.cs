namespace Serverless.Monitoring;

internal static class FiniteValues
{
    /// <summary>The values that are neither NaN nor infinite: the same memory if all are, else a copy.</summary>
    public static ReadOnlySpan<double> Of(ReadOnlySpan<double> values)
    {
        var (nulls, infinite) = Count(values);
        return nulls + infinite == 0 ? values : Copy(values, values.Length - nulls - infinite);
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
