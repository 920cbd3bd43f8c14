using Serverless.Core;
using Serverless.Core.Columns;

namespace Serverless.Monitoring.Performance;

/// <summary>The metrics of the rows with one value in a column.</summary>
/// <param name="Column">The column that defines the slices.</param>
/// <param name="Value">Its value as text; null for the rows where it is null.</param>
/// <param name="Metrics">The metrics of these rows.</param>
public sealed record Slice<TMetrics>(string Column, string? Value, TMetrics Metrics);

/// <summary>Computes metrics for each value of a column. The largest slice comes first; equally large ones are ordered by value.</summary>
public static class SliceMetrics
{
    public static IReadOnlyList<Slice<BinaryMetrics>> Binary(
        ReadOnlySpan<double> labels,
        ReadOnlySpan<double> scores,
        Column by,
        double threshold = 0.5
    )
    {
        MetricInput.CheckBinary(labels, scores, "scores");
        var slices = new List<Slice<BinaryMetrics>>();
        foreach (var (value, rows) in Cut(by, labels.Length))
        {
            slices.Add(new(by.Name, value, BinaryMetrics.Of(Pick(labels, rows), Pick(scores, rows), threshold)));
        }

        return slices;
    }

    public static IReadOnlyList<Slice<RegressionMetrics>> Regression(
        ReadOnlySpan<double> labels,
        ReadOnlySpan<double> predictions,
        Column by
    )
    {
        MetricInput.CheckLengths(labels, predictions, "predictions");
        var slices = new List<Slice<RegressionMetrics>>();
        foreach (var (value, rows) in Cut(by, labels.Length))
        {
            slices.Add(new(by.Name, value, RegressionMetrics.Of(Pick(labels, rows), Pick(predictions, rows))));
        }

        return slices;
    }

    internal static IEnumerable<(string? Value, int[] Rows)> Cut(Column by, int rowCount)
    {
        ArgumentNullException.ThrowIfNull(by);
        if (by.Length != rowCount)
        {
            throw ServerlessException.Invalid(
                $"Column '{by.Name}' has {by.Length} rows, but there are {rowCount} labels.",
                "Use the column of the evaluated rows."
            );
        }

        return Enumerable
            .Range(0, rowCount)
            .GroupBy(by.GetText, StringComparer.Ordinal)
            .Select(group => (Value: group.Key, Rows: group.ToArray()))
            .OrderByDescending(slice => slice.Rows.Length)
            .ThenBy(slice => slice.Value, StringComparer.Ordinal);
    }

    internal static double[] Pick(ReadOnlySpan<double> values, int[] rows)
    {
        var picked = new double[rows.Length];
        for (var i = 0; i < rows.Length; i++)
        {
            picked[i] = values[rows[i]];
        }

        return picked;
    }
}
