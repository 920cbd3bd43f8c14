using Serverless.Columns;
using Serverless.Monitoring;

namespace Serverless.Training;

/// <summary>The metrics of a learning task by their names.</summary>
internal static class ModelMetrics
{
    private static readonly string[] Binary = ["accuracy", "auc", "f1", "log_loss", "precision", "recall"];
    private static readonly string[] Regression = ["rmse", "mae", "r2"];

    public static IReadOnlyList<string> NamesOf(LearningTask task) => task == LearningTask.Binary ? Binary : Regression;

    public static bool HigherIsBetter(string metric) => metric is not ("log_loss" or "rmse" or "mae");

    /// <summary>Every metric of the task, in the order of <see cref="NamesOf"/>; NaN where it is undefined.</summary>
    public static IReadOnlyDictionary<string, double> Of(LearningTask task, ReadOnlySpan<double> labels, ReadOnlySpan<double> scores, double threshold) =>
        Ordered(task, task == LearningTask.Binary
            ? BinaryMetrics.Of(labels, scores, threshold).ToDictionary()
            : RegressionMetrics.Of(labels, scores).ToDictionary());

    public static double Of(string metric, ReadOnlySpan<double> labels, ReadOnlySpan<double> scores, double threshold) =>
        Regression.Contains(metric)
            ? RegressionMetrics.Of(labels, scores).ToDictionary()[metric]
            : BinaryMetrics.Of(labels, scores, threshold).ToDictionary()[metric];

    /// <summary>The metrics of each value of each column.</summary>
    public static IReadOnlyList<SliceReport> Slices(LearningTask task, Predictions p, ColumnFrame frame, IReadOnlyList<string> columns, double threshold)
    {
        var slices = new List<SliceReport>();
        foreach (var column in columns)
        {
            slices.AddRange(task == LearningTask.Binary
                ? SliceMetrics.Binary(p.Labels, p.Scores, frame[column], threshold).Select(s => Report(task, s.Column, s.Value, s.Metrics.Count, s.Metrics.ToDictionary()))
                : SliceMetrics.Regression(p.Labels, p.Scores, frame[column]).Select(s => Report(task, s.Column, s.Value, s.Metrics.Count, s.Metrics.ToDictionary())));
        }

        return slices;
    }

    /// <summary>The metric with the 95 % interval of its bootstrap.</summary>
    public static MetricReport WithInterval(string metric, Predictions p, double threshold, int replicates, int seed)
    {
        // The bootstrap is of a difference; against a model that always has 0 the difference is the metric itself.
        var nothing = new double[p.Count];
        Array.Fill(nothing, double.NaN);
        var bootstrap = PairedBootstrap.Of(
            p.Labels, nothing, p.Scores, (labels, scores) => scores.Length > 0 && double.IsNaN(scores[0]) ? 0 : Of(metric, labels, scores, threshold),
            replicates: replicates, seed: seed);
        return new MetricReport(metric, Finite(bootstrap.Difference), Finite(bootstrap.Interval.Lower), Finite(bootstrap.Interval.Upper));
    }

    /// <summary>JSON has no NaN: what is undefined is null.</summary>
    public static double? Finite(double value) => double.IsFinite(value) ? value : null;

    public static IReadOnlyDictionary<string, double?> Finite(IReadOnlyDictionary<string, double> metrics) =>
        metrics.ToDictionary(m => m.Key, m => Finite(m.Value));

    private static SliceReport Report(LearningTask task, string column, string? value, long rows, IReadOnlyDictionary<string, double> metrics) =>
        new(column, value ?? "(missing)", (int)rows, Finite(Ordered(task, metrics)));

    private static Dictionary<string, double> Ordered(LearningTask task, IReadOnlyDictionary<string, double> metrics) =>
        NamesOf(task).ToDictionary(name => name, name => metrics[name]);
}
