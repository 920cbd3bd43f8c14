using System.Globalization;
using System.Text;
using Serverless.Training.Components.Compare;
using Serverless.Training.Evaluation;
using Serverless.Training.Models;

namespace Serverless.Training.Components.Register;

/// <summary>The results in a Model Card: metrics, and how the model was chosen.</summary>
internal static class CardResults
{
    public static void Write(StringBuilder text, ModelManifest m, ComparisonReport report)
    {
        ModelCard.Section(text, "Metrics");
        text.Append(
                CultureInfo.InvariantCulture,
                $"On {report.TestData.Rows} rows of `{report.TestData.Name}` (`{report.TestData.Digest}`), "
            )
            .Append("which were used neither to train nor to choose the model. Intervals are 95 % bootstrap confidence intervals.\n\n");
        ModelCard.Table(
            text,
            ["Metric", "Value", "95 % interval", "Floor"],
            [
                .. report.Metrics.Select(r =>
                    new[]
                    {
                        r.Name,
                        ModelCard.Number(r.Value),
                        r is { Low: { } low, High: { } high } ? $"{ModelCard.Number(low)} – {ModelCard.Number(high)}" : "",
                        report.Floors.TryGetValue(r.Name, out var floor)
                            ? (ModelMetrics.HigherIsBetter(r.Name) ? "≥ " : "≤ ") + ModelCard.Number(floor)
                            : "",
                    }
                ),
            ]
        );

        ModelCard.Section(text, "How it was chosen");
        var verdict = report.Verdict;
        text.Append(
            CultureInfo.InvariantCulture,
            $"`{verdict.Challenger.Name}` had the best {verdict.Metric} of {report.Candidates.Count} candidates on the validation part.\n\n"
        );
        string[] metrics = [.. report.Candidates[0].Validation.Keys];
        ModelCard.Table(
            text,
            ["Candidate", .. metrics],
            [
                .. report.Candidates.Select(c =>
                    (string[])
                        [
                            c.Name == verdict.Challenger.Name ? $"**{c.Name}**" : c.Name,
                            .. metrics.Select(k => ModelCard.Number(c.Validation.GetValueOrDefault(k))),
                        ]
                ),
            ]
        );
        text.Append('\n');
        foreach (var reason in verdict.Reasons)
        {
            text.Append("- ").Append(reason).Append('\n');
        }

        if (report.Slices.Count == 0)
        {
            return;
        }

        ModelCard.Section(text, "Slices");
        string[] slices = [.. report.Slices[0].Metrics.Keys];
        ModelCard.Table(
            text,
            ["Slice", "Rows", .. slices],
            [
                .. report.Slices.Select(s =>
                    (string[])
                        [
                            $"`{s.Column}` = `{s.Value}`",
                            s.Rows.ToString(CultureInfo.InvariantCulture),
                            .. slices.Select(k => ModelCard.Number(s.Metrics.GetValueOrDefault(k))),
                        ]
                ),
            ]
        );
    }
}
