using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Serverless.Training.Components.Compare;
using Serverless.Training.Models;

namespace Serverless.Training.Components.Register;

/// <summary>
/// The Model Card: README.md in the model folder, in the layout of Hugging Face's model cards. It contains only what the run knows, and no
/// time or ID, so that the same model has the same card.
/// </summary>
internal static class ModelCard
{
    public static string Write(
        string name,
        ModelManifest m,
        string digest,
        ComparisonReport? report,
        string? description,
        string? intendedUse,
        IReadOnlyList<string> limits
    )
    {
        var text = new StringBuilder(CardFrontMatter.Write(name, m, report));
        text.Append('\n').Append("# ").Append(name).Append("\n\n");
        text.Append(description ?? Summary(m)).Append('\n');

        Section(text, "Intended use");
        text.Append(
                intendedUse
                    ?? (
                        m.Task == LearningTask.Binary
                            ? $"Predicts the probability that `{m.Label}` is `{m.PositiveLabel}` rather than `{m.NegativeLabel}`, for rows "
                                + $"like those it was trained on. Scores of {Number(m.Threshold)} and above mean `{m.PositiveLabel}`."
                            : $"Predicts `{m.Label}` for rows like those it was trained on."
                    )
            )
            .Append('\n');

        Section(text, "Training data");
        Table(
            text,
            ["", ""],
            Rows(
                ("File", m.TrainingData is { } d ? $"`{d.Name}`" : "not recorded"),
                ("Digest", m.TrainingData is { } e ? $"`{e.Digest}`" : "not recorded"),
                ("Rows", m.TrainingData is { } f ? Number(f.Rows) : "not recorded"),
                ("Label", $"`{m.Label}`"),
                ("Model folder as trained", $"`{digest}`")
            )
        );

        Section(text, "Parameters");
        Table(
            text,
            ["Parameter", "Value"],
            [
                ["trainer", m.Trainer],
                .. m.Parameters.Select(p => new[] { p.Key, Shown(p.Value) }),
            ]
        );
        text.Append('\n')
            .Append(CultureInfo.InvariantCulture, $"Trained with ML.NET {m.MlnetVersion}. ")
            .Append("Missing values, one-hot encoding and scaling are part of the model: it takes raw rows.\n");

        if (report is not null)
        {
            CardResults.Write(text, m, report);
        }

        Section(text, "Inputs");
        Table(
            text,
            ["Column", "Type", "May be missing"],
            [.. m.Inputs.Select(i => new[] { $"`{i.Name}`", i.Type.ToString().ToLowerInvariant(), i.Required ? "no" : "yes" })]
        );

        Section(text, "Limits");
        foreach (var limit in limits.Concat(CardLimits.Of(m, report)))
        {
            text.Append("- ").Append(limit).Append('\n');
        }

        return text.ToString();
    }

    internal static void Section(StringBuilder text, string title) => text.Append("\n## ").Append(title).Append("\n\n");

    internal static void Table(StringBuilder text, string[] header, IReadOnlyList<string[]> rows)
    {
        Row(text, header);
        Row(text, [.. header.Select(_ => "---")]);
        foreach (var row in rows)
        {
            Row(text, row);
        }
    }

    internal static string Number(double value) => value.ToString("0.####", CultureInfo.InvariantCulture);

    internal static string Number(double? value) => value is { } v ? Number(v) : "undefined";

    private static void Row(StringBuilder text, string[] cells) =>
        text.Append("| ").AppendJoin(" | ", cells.Select(c => c.Replace("|", "\\|", StringComparison.Ordinal))).Append(" |\n");

    private static IReadOnlyList<string[]> Rows(params (string Key, string Value)[] rows) =>
        [.. rows.Select(r => new[] { r.Key, r.Value })];

    private static string Summary(ModelManifest m) =>
        m.Task == LearningTask.Binary ? $"A {m.Trainer} classifier for `{m.Label}`." : $"A {m.Trainer} regression for `{m.Label}`.";

    private static string Shown(JsonNode? value) =>
        value is JsonValue v && v.TryGetValue<string>(out var s) ? s : value?.ToJsonString(ModelJson.Compact) ?? "";
}
