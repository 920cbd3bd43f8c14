using System.Text.Json.Nodes;
using Serverless.Core;
using Serverless.Monitoring.Performance;
using Serverless.Pipelines.Components;
using Serverless.Tracking.Models;
using Serverless.Training.Components.Register;
using Serverless.Training.Evaluation;
using Serverless.Training.Models;
using Serverless.Training.Promotion;

namespace Serverless.Training.Components.Compare;

/// <summary>
/// Chooses on the validation part and evaluates on the test part. Doing both on the same rows would overestimate the winner: the best of
/// four equal models looks better than it is.
/// </summary>
[Component(
    "compare",
    Description = "Chooses the best candidate, and decides by floors and a significance test against the champion whether it may be "
        + "promoted."
)]
internal sealed class CompareComponent : Component<CompareParameters>
{
    private const int IntervalReplicates = 1000;

    public override async Task<ComponentOutputs> RunAsync(
        CompareParameters p,
        ComponentContext context,
        CancellationToken cancellationToken
    )
    {
        var candidates = await Candidate.ReadAsync(p, cancellationToken);
        var manifest = candidates[0].Manifest;
        var rules = Checked(p.RulesFor(manifest.Task), ModelMetrics.TaskOf(manifest.Task));
        var metric = rules.Metrics[0].Name;

        var sign = ModelMetrics.HigherIsBetter(metric) ? 1 : -1;
        // A stable sort, so that the first of equal candidates wins. An undefined metric is worse than any value.
        var ranked = candidates
            .OrderByDescending(c =>
                double.IsNaN(c.ValidationMetrics[metric]) ? double.NegativeInfinity : sign * c.ValidationMetrics[metric]
            )
            .ToArray();
        var winner = ranked[0];
        var version = await Registry.Of(context).GetLatestAsync(p.Name, Stage.Production, cancellationToken);
        var champion = version is null ? null : await Champion.ScoreAsync(version, p, manifest, context, cancellationToken);
        var frame = await ModelData.ReadAsync(p.Test.Path, winner.Manifest, cancellationToken);
        var verdict = new Judge(rules, frame, p.Seed).Decide(winner, ranked.Length > 1 ? ranked[1] : null, champion);
        var report = new ComparisonReport
        {
            Name = p.Name,
            Verdict = verdict,
            Candidates =
            [
                .. candidates.Select(c => new CandidateReport(
                    c.Name,
                    c.Folder.Digest,
                    ModelMetrics.Finite(c.ValidationMetrics),
                    ModelMetrics.Finite(c.TestMetrics)
                )),
            ],
            Floors = rules.Floors,
            TestData = new TestDataReport(p.Test.Name, p.Test.Digest, winner.Test.Count),
            Metrics =
            [
                .. ModelMetrics.WithIntervals(winner.Manifest.Task, winner.Test, winner.Manifest.Threshold, IntervalReplicates, p.Seed),
            ],
            Slices = ModelMetrics.Slices(
                winner.Manifest.Task,
                winner.Test,
                frame,
                [.. p.Slices.Union(rules.Slices?.Columns ?? [])],
                winner.Manifest.Threshold
            ),
        };
        ModelFolder.Copy(winner.Folder.Path, p.Model.Path);
        await File.WriteAllTextAsync(p.Verdict.Path, report.Write(), cancellationToken);
        context.Log.WriteLine(
            $"{winner.Name} is the best of {candidates.Count} by {metric}; {(verdict.Promote ? "promote" : "do not promote")}: "
                + $"{string.Join("; ", verdict.Reasons)}."
        );
        return await OutputsAsync(p, report, winner, cancellationToken);
    }

    /// <summary>A verdict is valid for the champion that it was compared with, and once its own winner is the champion.</summary>
    public override async Task<bool> StillHoldsAsync(
        CompareParameters p,
        ComponentOutputs recorded,
        ComponentContext context,
        CancellationToken cancellationToken
    )
    {
        var version = await Registry.Of(context).GetLatestAsync(p.Name, Stage.Production, cancellationToken);
        var champion = recorded.Values["verdict"]?["champion"];
        return version is null
            ? champion is null
            : (version.Version == ModelJson.Int(champion?["version"]) && version.Digest == (string?)champion?["digest"])
                || Registry.TrainedDigestOf(version) == (string?)recorded.Values["winner_digest"];
    }

    private static PromotionRules Checked(PromotionRules rules, ModelTask task)
    {
        foreach (var name in rules.Metrics.Select(m => m.Name).Concat(rules.Floors.Keys))
        {
            MetricDefinition.Get(name, task);
        }

        if (rules.Check() is { Count: > 0 } found)
        {
            throw ServerlessException.Invalid($"The promotion rules are invalid: {string.Join("; ", found)}.", "Correct `promotion`.");
        }

        return rules;
    }

    private static async Task<ComponentOutputs> OutputsAsync(
        CompareParameters p,
        ComparisonReport report,
        Candidate winner,
        CancellationToken cancellationToken
    )
    {
        var metrics = winner.TestMetrics.Where(m => double.IsFinite(m.Value)).ToDictionary(m => m.Key, m => m.Value);
        if (p.Metrics is not null)
        {
            await File.WriteAllTextAsync(
                p.Metrics.Path,
                ComparisonReport.ToNode(metrics).ToJsonString(ModelJson.Indented) + "\n",
                cancellationToken
            );
        }

        var verdict = report.Verdict;
        return new ComponentOutputs
        {
            Values = new JsonObject
            {
                ["promote"] = verdict.Promote,
                ["winner"] = winner.Name,
                ["winner_digest"] = winner.Folder.Digest,
                ["metric"] = verdict.Metric,
                ["p_value"] = verdict.PValue,
                ["effect"] = verdict.Effect,
                ["reason"] = string.Join("; ", verdict.Reasons),
                ["candidates"] = new JsonArray([.. report.Candidates.Select(c => (JsonNode)Row(c, winner.Name))]),
                ["verdict"] = ComparisonReport.ToNode(verdict),
            },
            // With a metrics file, the run already has the metrics.
            Metrics = p.Metrics is null ? metrics : [],
        };
    }

    private static JsonObject Row(CandidateReport candidate, string winner)
    {
        var row = new JsonObject { ["name"] = candidate.Name };
        foreach (var (name, value) in candidate.Validation)
        {
            row[name] = value;
        }

        foreach (var (name, value) in candidate.Test)
        {
            row["test_" + name] = value;
        }

        row["winner"] = candidate.Name == winner;
        return row;
    }
}
