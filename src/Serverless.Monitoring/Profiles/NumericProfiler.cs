using System.Globalization;
using Serverless.Core.Columns;

namespace Serverless.Monitoring.Profiles;

/// <summary>Profiles numeric and boolean columns by sorting their values once.</summary>
internal static class NumericProfiler
{
    private static readonly double[] Probabilities = [0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99];

    public static ColumnProfile Profile(Column column, ProfileOptions options)
    {
        var sorted = new double[column.Length - column.NullCount];
        var count = 0;
        foreach (var number in column.Numbers)
        {
            if (!double.IsNaN(number))
            {
                sorted[count++] = number;
            }
        }

        Array.Sort(sorted);
        var (distinct, top) =
            column.Type == ColumnType.Integer
                ? CountRuns(SortedIntegers(column), options, value => value.ToString(CultureInfo.InvariantCulture))
                : CountRuns(sorted, options, value => Format(value, column.Type));

        var negative = sorted.AsSpan().IndexOfAnyExcept(double.NegativeInfinity) is >= 0 and var first ? first : sorted.Length;
        var positive = sorted.Length - 1 - sorted.AsSpan(negative).LastIndexOfAnyExcept(double.PositiveInfinity) - negative;
        var finite = sorted.AsSpan(negative, sorted.Length - negative - positive);
        var (mean, deviation) = Moments(finite);
        return new ColumnProfile
        {
            Name = column.Name,
            Type = column.Type,
            Count = column.Length,
            NullCount = column.NullCount,
            DistinctCount = distinct,
            NegativeInfinityCount = negative,
            PositiveInfinityCount = positive,
            Mean = mean,
            StandardDeviation = deviation,
            Min = finite.IsEmpty ? null : finite[0],
            Max = finite.IsEmpty ? null : finite[^1],
            Quantiles = finite.IsEmpty ? [] : QuantilesOf(finite),
            Histogram = Histogram.OfSorted(finite, options.HistogramBins),
            TopValues = top,
        };
    }

    private static long[] SortedIntegers(Column column)
    {
        var integers = new List<long>(column.Length - column.NullCount);
        for (var row = 0; row < column.Length; row++)
        {
            if (column.GetInteger(row) is { } integer)
            {
                integers.Add(integer);
            }
        }

        integers.Sort();
        return [.. integers];
    }

    private static (long Distinct, IReadOnlyList<ValueCount> Top) CountRuns<T>(T[] sorted, ProfileOptions options, Func<T, string> format)
        where T : struct, IComparable<T>, IEquatable<T>
    {
        var top = new TopList<T>(options.TopValues);
        var distinct = 0L;
        for (var start = 0; start < sorted.Length; )
        {
            var end = start + 1;
            while (end < sorted.Length && sorted[end].Equals(sorted[start]))
            {
                end++;
            }

            distinct++;
            top.Offer(sorted[start], end - start);
            start = end;
        }

        return (distinct, top.Take(format));
    }

    // Two passes: one would cancel digits where the values are far from zero and close together.
    private static (double? Mean, double? Deviation) Moments(ReadOnlySpan<double> values)
    {
        if (values.IsEmpty)
        {
            return (null, null);
        }

        var mean = 0.0;
        for (var i = 0; i < values.Length; i++)
        {
            mean += (values[i] - mean) / (i + 1);
        }

        var squares = 0.0;
        foreach (var value in values)
        {
            squares += (value - mean) * (value - mean);
        }

        var deviation = Math.Sqrt(squares / (values.Length - 1));
        return (Finite(mean), values.Length < 2 ? null : Finite(deviation));
    }

    private static double? Finite(double value) => double.IsFinite(value) ? value : null;

    private static QuantileValue[] QuantilesOf(ReadOnlySpan<double> sorted)
    {
        var quantiles = new QuantileValue[Probabilities.Length];
        for (var i = 0; i < quantiles.Length; i++)
        {
            quantiles[i] = new QuantileValue(Probabilities[i], Quantile.Of(sorted, Probabilities[i]));
        }

        return quantiles;
    }

    private static string Format(double value, ColumnType type) =>
        (type, value) switch
        {
            (ColumnType.Boolean, 0) => "false",
            (ColumnType.Boolean, _) => "true",
            (_, double.PositiveInfinity) => "inf",
            (_, double.NegativeInfinity) => "-inf",
            _ => value.ToString("R", CultureInfo.InvariantCulture),
        };
}
