namespace Serverless.Monitoring.Performance;

/// <summary>
/// How near predictions are to the labels. A metric that is undefined is NaN: all of them without rows, or if any label or
/// prediction is NaN.
/// </summary>
public sealed record RegressionMetrics
{
    public required long Count { get; init; }

    /// <summary>Gets the root of the mean squared error, in the unit of the label.</summary>
    public required double Rmse { get; init; }

    /// <summary>Gets the mean absolute error, in the unit of the label.</summary>
    public required double Mae { get; init; }

    /// <summary>Gets 1 - SSE / SST: 1 is perfect, 0 as good as the mean, below 0 worse. NaN if all labels are equal.</summary>
    public required double R2 { get; init; }

    public static RegressionMetrics Of(ReadOnlySpan<double> labels, ReadOnlySpan<double> predictions)
    {
        MetricInput.CheckLengths(labels, predictions, "predictions");
        var mean = 0.0;
        for (var i = 0; i < labels.Length; i++)
        {
            mean += (labels[i] - mean) / (i + 1);
        }

        double squares = 0,
            absolutes = 0,
            total = 0;
        for (var i = 0; i < labels.Length; i++)
        {
            var error = labels[i] - predictions[i];
            squares += error * error;
            absolutes += Math.Abs(error);
            total += (labels[i] - mean) * (labels[i] - mean);
        }

        return new RegressionMetrics
        {
            Count = labels.Length,
            Rmse = labels.IsEmpty ? double.NaN : Math.Sqrt(squares / labels.Length),
            Mae = labels.IsEmpty ? double.NaN : absolutes / labels.Length,
            R2 = total == 0 ? double.NaN : 1 - (squares / total),
        };
    }

    /// <summary>Returns the metrics by name: rmse, mae, r2.</summary>
    public IReadOnlyDictionary<string, double> ToDictionary() =>
        new Dictionary<string, double>
        {
            ["rmse"] = Rmse,
            ["mae"] = Mae,
            ["r2"] = R2,
        };
}
