using Serverless.Core.Columns;
using Serverless.Monitoring.Performance;
using Serverless.Monitoring.Significance;
using Serverless.Training.Components.Compare;
using Serverless.Training.Models;

namespace Serverless.Training.Evaluation;

/// <summary>The metrics of a learning task by name.</summary>
public static class ModelMetrics
{
    public static ModelTask TaskOf(LearningTask task) =>
        task == LearningTask.Binary ? ModelTask.BinaryClassification : ModelTask.Regression;

    public static bool HigherIsBetter(string metric) => MetricDefinition.All.First(m => m.Name == metric).HigherIsBetter;

    /// <summary>All metrics of the task, in a fixed order. NaN if undefined.</summary>
    public static IReadOnlyDictionary<string, double> Of(LearningTask task, double[] labels, double[] scores, double threshold) =>
        Definitions(task).ToDictionary(m => m.Name, m => m.Function(threshold)(labels, scores));

    /// <summary>The metrics of each value of each column.</summary>
    public static IReadOnlyList<SliceReport> Slices(
        LearningTask task,
        Predictions p,
        ColumnFrame frame,
        IReadOnlyList<string> columns,
        double threshold
    )
    {
        var slices = new List<SliceReport>();
        foreach (var column in columns)
        {
            slices.AddRange(
                task == LearningTask.Binary
                    ? SliceMetrics
                        .Binary(p.Labels, p.Scores, frame[column], threshold)
                        .Select(s => Report(task, s.Column, s.Value, s.Metrics.Count, s.Metrics.ToDictionary()))
                    : SliceMetrics
                        .Regression(p.Labels, p.Scores, frame[column])
                        .Select(s => Report(task, s.Column, s.Value, s.Metrics.Count, s.Metrics.ToDictionary()))
            );
        }

        return slices;
    }

    /// <summary>All metrics with their 95 % bootstrap intervals.</summary>
    public static IEnumerable<MetricReport> WithIntervals(LearningTask task, Predictions p, double threshold, int replicates, int seed)
    {
        // The bootstrap estimates a difference. Against a model whose metric is always 0, it is the metric itself.
        var nothing = new double[p.Count];
        Array.Fill(nothing, double.NaN);
        foreach (var metric in Definitions(task))
        {
            var function = metric.Function(threshold);
            var bootstrap = PairedBootstrap.Of(
                p.Labels,
                nothing,
                p.Scores,
                (labels, scores) => scores.Length > 0 && double.IsNaN(scores[0]) ? 0 : function(labels, scores),
                replicates: replicates,
                seed: seed
            );
            yield return new MetricReport(
                metric.Name,
                Finite(bootstrap.Difference),
                Finite(bootstrap.Interval.Lower),
                Finite(bootstrap.Interval.Upper)
            );
        }
    }

    /// <summary>JSON has no NaN: undefined values become null.</summary>
    public static double? Finite(double value) => double.IsFinite(value) ? value : null;

    public static IReadOnlyDictionary<string, double?> Finite(IReadOnlyDictionary<string, double> metrics) =>
        metrics.ToDictionary(m => m.Key, m => Finite(m.Value));

    private static IEnumerable<MetricDefinition> Definitions(LearningTask task) => MetricDefinition.All.Where(m => m.Task == TaskOf(task));

    private static SliceReport Report(
        LearningTask task,
        string column,
        string? value,
        long rows,
        IReadOnlyDictionary<string, double> metrics
    ) => new(column, value ?? "(missing)", (int)rows, Definitions(task).ToDictionary(m => m.Name, m => Finite(metrics[m.Name])));
}
