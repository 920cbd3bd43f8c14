using System.Globalization;
using Serverless.Core;
using Serverless.Core.Columns;
using Serverless.Monitoring.Checks;
using Serverless.Monitoring.Performance;
using Serverless.Monitoring.Significance;
using Serverless.Training.Evaluation;
using Serverless.Training.Models;

namespace Serverless.Automation.Checks;

/// <summary>The requirements that a model must meet before deployment.</summary>
public sealed record ModelCheckOptions
{
    /// <summary>Bounds by metric: a minimum where higher is better, a maximum where lower is better.</summary>
    public IReadOnlyDictionary<string, double> Bounds { get; init; } = new Dictionary<string, double>();

    /// <summary>The folder of the baseline model. The new model must not be worse by more than the margin.</summary>
    public string? Champion { get; init; }

    /// <summary>The tolerated loss of the main metric: the confidence bound must lie above minus this value. The default is 0.01.</summary>
    public double Margin { get; init; } = 0.01;

    public double Alpha { get; init; } = 0.05;
}

/// <summary>Loads a model folder and checks it for faults that would otherwise show in production.</summary>
public static class ModelCheck
{
    private const int SingleRows = 20;

    public static async Task<CheckReport> RunAsync(
        string folder,
        string data,
        ModelCheckOptions options,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(options);
        using var model = StoredModel.Load(folder);
        var frame = await ModelData.ReadAsync(data, model.Manifest, cancellationToken);
        var predictions = Predictions.Make(model, frame, null);
        var metrics = ModelMetrics.Of(model.Manifest.Task, predictions.Labels, predictions.Scores, model.Manifest.Threshold);
        Unknown(options, metrics);
        List<Check> checks =
        [
            new(
                "loads and accepts the data",
                true,
                $"{model.Manifest.Trainer} scored {predictions.Count} rows of {model.Manifest.Inputs.Count} columns."
            ),
            Finite(predictions),
            Repeatable(model, frame, predictions.Scores),
        ];
        checks.AddRange(metrics.Where(m => options.Bounds.ContainsKey(m.Key)).Select(m => Bound(m.Key, m.Value, options.Bounds[m.Key])));
        if (options.Champion is { } champion)
        {
            checks.Add(await AgainstAsync(champion, data, model.Manifest, predictions, options, cancellationToken));
        }

        return new CheckReport("model", checks);
    }

    private static void Unknown(ModelCheckOptions options, IReadOnlyDictionary<string, double> metrics)
    {
        if (options.Bounds.Keys.FirstOrDefault(k => !metrics.ContainsKey(k)) is { } name)
        {
            throw ServerlessException.Invalid(
                $"This model has no metric '{name}'.",
                $"Available metrics: {string.Join(", ", metrics.Keys)}."
            );
        }
    }

    private static Check Finite(Predictions predictions)
    {
        var wrong = predictions.Scores.Count(s => !double.IsFinite(s));
        return new Check(
            "scores are numbers",
            wrong == 0,
            wrong == 0 ? "Every score is finite." : $"{wrong} of {predictions.Count} scores are NaN or infinite.",
            "Check for rows with nulls or extreme values that the features do not handle."
        );
    }

    /// <summary>A score must not depend on other rows: in production, rows arrive one by one.</summary>
    private static Check Repeatable(StoredModel model, ColumnFrame frame, double[] scores)
    {
        var step = Math.Max(1, frame.RowCount / SingleRows);
        for (var row = 0; row < frame.RowCount; row += step)
        {
            var alone = model.Score(frame.Take([row]))[0];
            if (!alone.Equals(scores[row]))
            {
                return new Check(
                    "same score alone and in a batch",
                    false,
                    string.Create(CultureInfo.InvariantCulture, $"Row {row} scores {scores[row]:R} in the batch and {alone:R} alone."),
                    "Find the feature that uses more than its own row."
                );
            }
        }

        return new Check("same score alone and in a batch", true, $"Checked {((frame.RowCount - 1) / step) + 1} rows.");
    }

    private static Check Bound(string metric, double value, double bound)
    {
        var higher = ModelMetrics.HigherIsBetter(metric);
        // NaN does not pass.
        var passed = higher ? value >= bound : value <= bound;
        return new Check(
            metric,
            passed,
            string.Create(
                CultureInfo.InvariantCulture,
                $"{metric} is {value:0.0000}, required: {(higher ? "at least" : "at most")} {bound}."
            ),
            "Train on more or better data, or relax the bound deliberately."
        );
    }

    private static async Task<Check> AgainstAsync(
        string folder,
        string data,
        ModelManifest challenger,
        Predictions predictions,
        ModelCheckOptions options,
        CancellationToken cancellationToken
    )
    {
        using var champion = StoredModel.Load(folder);
        if (champion.Manifest.Task != challenger.Task || champion.Manifest.Label != challenger.Label)
        {
            return new Check(
                "not worse than the champion",
                false,
                $"The champion predicts '{champion.Manifest.Label}', this model '{challenger.Label}'.",
                "Compare models with the same label."
            );
        }

        var frame = await ModelData.ReadAsync(data, champion.Manifest, cancellationToken);
        var theirs = Predictions.Make(champion, frame, null);
        var metric = challenger.Task == LearningTask.Binary ? "auc" : "rmse";
        var level = 1 - (2 * options.Alpha);
        var (gain, interval) = challenger.Task == LearningTask.Binary ? Auc() : Rmse();
        var passed = interval.Lower > -options.Margin;
        var found = string.Create(
            CultureInfo.InvariantCulture,
            $"{metric} is {Math.Abs(gain):0.0000} {(gain < 0 ? "worse" : "better")} than the champion's, {level:P0} interval of the "
                + $"gain [{interval.Lower:0.0000}, {interval.Upper:0.0000}]: a loss of more than {options.Margin} "
                + $"{(passed ? "is ruled out" : "is possible")}."
        );
        return new Check(
            "not worse than the champion",
            passed,
            found,
            "Train again, or evaluate on more rows, which narrows the interval."
        );

        (double, ConfidenceInterval) Auc()
        {
            var test = DeLong.Of(predictions.Labels, theirs.Scores, predictions.Scores);
            return (test.Difference, test.DifferenceInterval(level));
        }

        (double, ConfidenceInterval) Rmse()
        {
            var definition = MetricDefinition.Get(metric, ModelTask.Regression);
            var test = PairedBootstrap.Of(
                predictions.Labels,
                theirs.Scores,
                predictions.Scores,
                definition.Function(0.5),
                definition.HigherIsBetter,
                level: level
            );
            return (test.Difference, test.Interval);
        }
    }
}
