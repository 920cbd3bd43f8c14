using Serverless.Core.Columns;
using Serverless.Monitoring.Performance;
using Serverless.Monitoring.Significance;
using Serverless.Serving.Invocations;
using Serverless.Training.Evaluation;
using Serverless.Training.Learning;
using Serverless.Training.Models;

namespace Serverless.Serving.Logging;

/// <summary>What a model was asked and answered in a time, a row a prediction, with the labels that came since.</summary>
public sealed class PredictionWindow
{
    internal PredictionWindow(PredictionRows rows)
    {
        Requests = [.. rows.Requests];
        Rows = [.. rows.Rows];
        Versions = [.. rows.Versions];
        Choices = [.. rows.Choices];
        Times = [.. rows.Times];
        Scores = [.. rows.Scores];
        Predicted = [.. rows.Predicted];
        Labels = [.. rows.Labels];
        Classes = rows.Classes;
        Inputs = rows.BuildInputs();
        IsTruncated = rows.IsTruncated;
        UnreadableLines = rows.UnreadableLines;
    }

    public int Count => Requests.Count;

    public IReadOnlyList<string> Requests { get; }

    /// <summary>The row within its request.</summary>
    public IReadOnlyList<int> Rows { get; }

    public IReadOnlyList<int> Versions { get; }

    /// <summary>Why that version answered: `production`, `canary/1`, `query`.</summary>
    public IReadOnlyList<string> Choices { get; }

    public IReadOnlyList<DateTimeOffset> Times { get; }

    /// <summary>The probability of the positive class, or the predicted number; NaN if the model gives neither.</summary>
    public IReadOnlyList<double> Scores { get; }

    /// <summary>The predicted class; null where the model predicts none.</summary>
    public IReadOnlyList<string?> Predicted { get; }

    /// <summary>What turned out to be true, as it was told; null where nobody has told yet.</summary>
    public IReadOnlyList<string?> Labels { get; }

    /// <summary>The columns that the model was given; a version that lacks a column has nulls there.</summary>
    public ColumnFrame Inputs { get; }

    /// <summary>The classes by version; none for a version that is no binary classifier.</summary>
    public IReadOnlyDictionary<int, BinaryClasses> Classes { get; }

    /// <summary>True if the window holds more than was read; the newest rows are what is here.</summary>
    public bool IsTruncated { get; }

    /// <summary>Lines of the log that are cut off, because their host died while it wrote.</summary>
    public int UnreadableLines { get; }

    /// <summary>How well each version did, where labels came.</summary>
    public IReadOnlyList<VersionQuality> Quality() =>
        [.. Enumerable.Range(0, Count).GroupBy(i => Versions[i]).OrderBy(g => g.Key).Select(g => QualityOf(g.Key, [.. g]))];

    /// <summary>Where a metric of a version lies with 95 % confidence; null if it has too few labels to say.</summary>
    public ConfidenceInterval? IntervalOf(int version, string metric)
    {
        var classes = Classes.GetValueOrDefault(version);
        var (labels, scores) = Labelled([.. Enumerable.Range(0, Count).Where(i => Versions[i] == version)], classes);
        var task = classes is null ? ModelTask.Regression : ModelTask.BinaryClassification;
        return MetricDefinition.All.FirstOrDefault(m => m.Name == metric && m.Task == task) is { } definition
            ? MetricInterval.Of(labels, scores, definition.Function(classes?.Threshold ?? 0))
            : null;
    }

    private VersionQuality QualityOf(int version, int[] rows)
    {
        var classes = Classes.GetValueOrDefault(version);
        var (labels, scores) = Labelled(rows, classes);
        var task = classes is null ? LearningTask.Regression : LearningTask.Binary;
        var metrics =
            labels.Length == 0
                ? new Dictionary<string, double?>()
                : ModelMetrics.Finite(ModelMetrics.Of(task, labels, scores, classes?.Threshold ?? 0));
        var finite = rows.Select(i => Scores[i]).Where(double.IsFinite).ToArray();
        return new VersionQuality(
            version,
            rows.Length,
            labels.Length,
            rows.Length - finite.Length,
            finite.Length == 0 ? null : finite.Average(),
            metrics
        );
    }

    /// <summary>The labels as numbers, with their scores; rows without either are left out.</summary>
    private (double[] Labels, double[] Scores) Labelled(int[] rows, BinaryClasses? classes)
    {
        var (labels, scores) = (new List<double>(), new List<double>());
        foreach (var row in rows)
        {
            if (Labels[row] is { } label && double.IsFinite(Scores[row]) && NumberOf(label, classes) is { } number)
            {
                labels.Add(number);
                scores.Add(Scores[row]);
            }
        }

        return ([.. labels], [.. scores]);
    }

    internal static double? NumberOf(string label, BinaryClasses? classes) =>
        classes is null
            ? double.TryParse(label, System.Globalization.CultureInfo.InvariantCulture, out var number)
                ? number
                : null
            : label == classes.Positive
                ? 1
                : label == classes.Negative
                    ? 0
                    : ByValue(label, classes);

    /// <summary>`1`, `1.0` and `True` are one value, whoever writes it.</summary>
    private static double? ByValue(string label, BinaryClasses classes)
    {
        var text = ColumnConversion.TextIn(label, ColumnConversion.TypeOf([classes.Negative, classes.Positive]));
        return text == classes.Positive ? 1
            : text == classes.Negative ? 0
            : null;
    }
}

/// <summary>How a version did in a window.</summary>
/// <param name="Rows">Predictions in the window.</param>
/// <param name="Labelled">Those of them that have a score and whose labels came.</param>
/// <param name="Unscored">Those of them that have no number for a score; no metric is of them.</param>
/// <param name="Metrics">accuracy, auc, f1, log_loss, … of the labelled ones; null where undefined; empty without labels.</param>
public sealed record VersionQuality(
    int Version,
    int Rows,
    int Labelled,
    int Unscored,
    double? MeanScore,
    IReadOnlyDictionary<string, double?> Metrics
);
