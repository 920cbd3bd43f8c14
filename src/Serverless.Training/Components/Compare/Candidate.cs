using Serverless.Core;
using Serverless.Core.Columns;
using Serverless.Pipelines.Components;
using Serverless.Training.Evaluation;
using Serverless.Training.Models;

namespace Serverless.Training.Components.Compare;

/// <summary>A model in the comparison, with its metrics.</summary>
internal sealed record Candidate(string Name, InputPath Folder, ModelManifest Manifest, Predictions Validation, Predictions Test)
{
    public IReadOnlyDictionary<string, double> ValidationMetrics { get; } =
        ModelMetrics.Of(Manifest.Task, Validation.Labels, Validation.Scores, Manifest.Threshold);

    public IReadOnlyDictionary<string, double> TestMetrics { get; } =
        ModelMetrics.Of(Manifest.Task, Test.Labels, Test.Scores, Manifest.Threshold);

    public Scored Scored => new(Test.Scores, Manifest.Threshold);

    public static async Task<IReadOnlyList<Candidate>> ReadAsync(CompareParameters p, CancellationToken cancellationToken)
    {
        if (p.Candidates.Count == 0)
        {
            throw ServerlessException.Invalid("There are no candidates.", "Give at least one model folder to compare.");
        }

        if (p.Candidates.Count != p.Predictions.Count)
        {
            throw ServerlessException.Invalid(
                $"There are {p.Candidates.Count} candidates, but {p.Predictions.Count} predictions.",
                "Give the predictions of each candidate, in the same order."
            );
        }

        var names = Names(p.Candidates);
        var candidates = new List<Candidate>();
        for (var i = 0; i < p.Candidates.Count; i++)
        {
            var validation = await Predictions.ReadAsync(p.Predictions[i], cancellationToken);
            using var model = StoredModel.Load(p.Candidates[i].Path);
            var frame = await ModelData.ReadAsync(p.Test.Path, model.Manifest, cancellationToken);
            candidates.Add(new Candidate(names[i], p.Candidates[i], model.Manifest, validation, Predictions.Make(model, frame, null)));
        }

        CheckComparable(candidates, p);
        return candidates;
    }

    private static void CheckComparable(List<Candidate> candidates, CompareParameters p)
    {
        var first = candidates[0];
        for (var i = 1; i < candidates.Count; i++)
        {
            var other = candidates[i];
            if (Question(other.Manifest) != Question(first.Manifest))
            {
                throw ServerlessException.Invalid(
                    $"'{first.Name}' and '{other.Name}' have different targets: {Question(first.Manifest)} and "
                        + $"{Question(other.Manifest)}.",
                    "Compare models with the same task and label."
                );
            }

            if (
                !other.Validation.Rows.SequenceEqual(first.Validation.Rows, StringComparer.Ordinal)
                || !other.Validation.Labels.SequenceEqual(first.Validation.Labels)
            )
            {
                throw ServerlessException.Invalid(
                    $"'{p.Predictions[0].Name}' and '{p.Predictions[i].Name}' are predictions for different rows, so their metrics "
                        + $"cannot be compared.",
                    "Evaluate every candidate on the same validation data."
                );
            }
        }
    }

    /// <summary>Describes the target of a model.</summary>
    public static string Question(ModelManifest m) =>
        m.Task == LearningTask.Regression ? $"{m.Label} (a number)" : $"{m.Label} = {Value(m.PositiveLabel!)} or {Value(m.NegativeLabel!)}";

    /// <summary>A model that learned from True and False answers the question of one that learned from 1 and 0.</summary>
    private static string Value(string label) =>
        ColumnConversion.TextIn(label, ColumnType.Boolean) == "true" ? "1"
        : ColumnConversion.TextIn(label, ColumnType.Boolean) == "false" ? "0"
        : label;

    /// <summary>The last part of each path, or the whole path if the last parts are not unique.</summary>
    private static string[] Names(IReadOnlyList<InputPath> folders)
    {
        string[] last = [.. folders.Select(f => f.Name.TrimEnd('/').Split('/')[^1])];
        string[] names = last.Distinct(StringComparer.Ordinal).Count() == last.Length ? last : [.. folders.Select(f => f.Name)];
        return names.Distinct(StringComparer.Ordinal).Count() == names.Length
            ? names
            : throw ServerlessException.Invalid("The same model folder is listed twice as a candidate.", "List each candidate once.");
    }
}
