using System.Globalization;
using Serverless.Training.Components.Compare;
using Serverless.Training.Evaluation;
using Serverless.Training.Models;

namespace Serverless.Training.Components.Register;

/// <summary>The limits that follow from the numbers.</summary>
internal static class CardLimits
{
    private const int FewRows = 100;

    public static IEnumerable<string> Of(ModelManifest m, ComparisonReport? report)
    {
        if (m.TrainingData is { } data)
        {
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"It was trained on {data.Rows} rows and may fail on rows unlike them: monitor its inputs for drift."
            );
        }

        if (m.Inputs.Any(i => i.Type == SignatureType.String))
        {
            yield return "A category that was not in the training data is treated as missing.";
        }

        if (m.Inputs.Where(i => !i.Required).Select(i => $"`{i.Name}`").ToArray() is { Length: > 0 } gaps)
        {
            yield return $"Missing values of {string.Join(", ", gaps)} are replaced by the mean and marked as missing.";
        }

        if (report is null)
        {
            yield return "It was registered without a comparison: it has not been evaluated on unseen rows.";
            yield break;
        }

        var metric = report.Verdict.Metric;
        if (Weakest(report, metric) is { } weak)
        {
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"Its {metric} is worst where `{weak.Column}` is `{weak.Value}`: {ModelCard.Number(weak.Metrics[metric])} on "
                    + $"{weak.Rows} rows, against {ModelCard.Number(report.Verdict.Challenger.Value)} overall."
            );
        }

        if (report.Slices.Where(s => s.Rows < FewRows).Select(s => $"`{s.Column}` = `{s.Value}`").ToArray() is { Length: > 0 } few)
        {
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"These slices have fewer than {FewRows} test rows: {string.Join(", ", few)}."
            );
        }
    }

    /// <summary>The slice with the worst metric. None if no slice is worse than overall.</summary>
    private static SliceReport? Weakest(ComparisonReport report, string metric)
    {
        var sign = ModelMetrics.HigherIsBetter(metric) ? 1 : -1;
        var worst = report.Slices.Where(s => s.Metrics.GetValueOrDefault(metric) is not null).MinBy(s => sign * s.Metrics[metric]!.Value);
        return worst is not null && report.Verdict.Challenger.Value is { } overall && sign * worst.Metrics[metric]!.Value < sign * overall
            ? worst
            : null;
    }
}
