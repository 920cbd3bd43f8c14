using Serverless.Core;
using Serverless.Monitoring.Significance;

namespace Serverless.Monitoring.Performance;

/// <summary>A metric for comparing models: its name, the better direction, and its computation.</summary>
public sealed record MetricDefinition
{
    private readonly Func<double, MetricFunction> _compute;

    private MetricDefinition(string name, ModelTask task, bool higherIsBetter, Func<double, MetricFunction> compute)
    {
        Name = name;
        Task = task;
        HigherIsBetter = higherIsBetter;
        _compute = compute;
    }

    /// <summary>
    /// All of them. Classification: accuracy, auc, f1, log_loss, precision, recall. Regression: rmse, mae, r2.
    /// The positive rate is none: neither way is better.
    /// </summary>
    public static IReadOnlyList<MetricDefinition> All { get; } =
    [
        Classification("accuracy", threshold => (labels, scores) => Confusion(labels, scores, threshold).Accuracy),
        Classification("auc", _ => BinaryMetrics.AucOf),
        Classification("f1", threshold => (labels, scores) => Confusion(labels, scores, threshold).F1),
        Classification("log_loss", _ => BinaryMetrics.LogLossOf, higherIsBetter: false),
        Classification("precision", threshold => (labels, scores) => Confusion(labels, scores, threshold).Precision),
        Classification("recall", threshold => (labels, scores) => Confusion(labels, scores, threshold).Recall),
        Regression("rmse", metrics => metrics.Rmse, higherIsBetter: false),
        Regression("mae", metrics => metrics.Mae, higherIsBetter: false),
        Regression("r2", metrics => metrics.R2),
    ];

    public string Name { get; }

    public ModelTask Task { get; }

    public bool HigherIsBetter { get; }

    /// <summary>Computes the metric. Classification metrics with a decision predict 1 for a score above the threshold.</summary>
    public MetricFunction Function(double threshold) => _compute(threshold);

    /// <summary>Returns a metric by name. The error for an unknown name lists the metrics.</summary>
    public static MetricDefinition Get(string name, ModelTask task)
    {
        var known = All.Where(metric => metric.Task == task).ToList();
        return known.Find(metric => metric.Name == name)
            ?? throw ServerlessException.Invalid(
                $"'{name}' is not a metric for {(task == ModelTask.Regression ? "regression" : "binary classification")}: "
                    + $"use one of {string.Join(", ", known.Select(metric => metric.Name))}.",
                NearestName.Find(name, known.Select(metric => metric.Name)) is { } nearest
                    ? $"Did you mean '{nearest}'?"
                    : "Use one of these."
            );
    }

    private static MetricDefinition Classification(string name, Func<double, MetricFunction> compute, bool higherIsBetter = true) =>
        new(name, ModelTask.BinaryClassification, higherIsBetter, compute);

    private static MetricDefinition Regression(string name, Func<RegressionMetrics, double> pick, bool higherIsBetter = true) =>
        new(name, ModelTask.Regression, higherIsBetter, _ => (labels, scores) => pick(RegressionMetrics.Of(labels, scores)));

    private static ConfusionMatrix Confusion(ReadOnlySpan<double> labels, ReadOnlySpan<double> scores, double threshold) =>
        MetricInput.HasNaN(labels) || MetricInput.HasNaN(scores)
            ? new ConfusionMatrix(0, 0, 0, 0)
            : ConfusionMatrix.Of(labels, scores, threshold);
}
