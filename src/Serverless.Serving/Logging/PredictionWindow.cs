using Serverless.Core.Columns;
using Serverless.Monitoring.Performance;
using Serverless.Monitoring.Significance;
using Serverless.Serving.Invocations;
using Serverless.Training.Evaluation;
using Serverless.Training.Models;

namespace Serverless.Serving.Logging;

/// <summary>The predictions of a model in a period, one row per prediction, with their labels.</summary>
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

    /// <summary>Why the version was chosen: `production`, `canary/1`, `query`.</summary>
    public IReadOnlyList<string> Choices { get; }

    public IReadOnlyList<DateTimeOffset> Times { get; }

    /// <summary>The probability of the positive class, or the predicted number. NaN if the model returns neither.</summary>
    public IReadOnlyList<double> Scores { get; }

    /// <summary>The predicted class. Null if the model does not predict a class.</summary>
    public IReadOnlyList<string?> Predicted { get; }

    /// <summary>The recorded label. Null if there is none yet.</summary>
    public IReadOnlyList<string?> Labels { get; }

    /// <summary>The input columns. Null values where a version does not have a column.</summary>
    public ColumnFrame Inputs { get; }

    /// <summary>The classes by version, for binary classifiers only.</summary>
    public IReadOnlyDictionary<int, BinaryClasses> Classes { get; }

    /// <summary>True if the window has more rows than were read. The newest were read.</summary>
    public bool IsTruncated { get; }

    /// <summary>The number of truncated log lines, whose host died while writing.</summary>
    public int UnreadableLines { get; }

    /// <summary>The performance of each version on labeled predictions.</summary>
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

    /// <summary>The labels as numbers, with their scores. Excludes rows without either.</summary>
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

/// <summary>The performance of a version in a window.</summary>
/// <param name="Rows">The number of predictions in the window.</param>
/// <param name="Labelled">The number of predictions with a score and a label.</param>
/// <param name="Unscored">The number of labeled predictions without a numeric score, which no metric includes.</param>
/// <param name="Metrics">accuracy, auc, f1, log_loss, … of the labeled predictions. Null if undefined, empty without labels.</param>
public sealed record VersionQuality(
    int Version,
    int Rows,
    int Labelled,
    int Unscored,
    double? MeanScore,
    IReadOnlyDictionary<string, double?> Metrics
);
