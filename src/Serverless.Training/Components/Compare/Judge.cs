using System.Globalization;
using Serverless.Core.Columns;
using Serverless.Monitoring.Comparison;
using Serverless.Training.Components.Register;
using Serverless.Training.Evaluation;
using Serverless.Training.Promotion;

namespace Serverless.Training.Components.Compare;

/// <summary>
/// Evaluates the winner with <see cref="ModelComparison"/>: against the champion if there is one, else only against the floors. Also
/// compares it with the runner-up, for information only.
/// </summary>
internal sealed class Judge(PromotionRules rules, ColumnFrame frame, long seed)
{
    public VerdictReport Decide(Candidate winner, Candidate? runnerUp, Champion? champion)
    {
        var verdict = ModelComparison.Compare(Request(winner, champion?.Scored));
        var decided = verdict.Metrics[0];
        var metric = decided.Metric;
        var informal = runnerUp is null ? null : ModelComparison.Compare(Informal(winner, runnerUp.Scored)).Metrics[0];
        var test = champion is null ? informal : decided;
        var promote = verdict.Promote;
        var reasons = verdict.Reasons.ToList();
        if (champion is not null && Registry.TrainedDigestOf(champion.Version) == winner.Folder.Digest)
        {
            promote = false;
            reasons =
            [
                string.Create(CultureInfo.InvariantCulture, $"It is version {champion.Version.Version}, which is already in production."),
            ];
        }
        else if (champion is null && informal is not null)
        {
            reasons.Add(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"For information: against the runner-up {runnerUp!.Name}, {metric} "
                        + $"{informal.Effect ?? double.NaN:+0.0000;-0.0000;0.0000}, p = {informal.PValue ?? double.NaN:0.0000} by "
                        + $"{informal.Test}."
                )
            );
        }

        return new VerdictReport
        {
            Promote = promote,
            Metric = metric,
            Test = test?.Test,
            PValue = Finite(test?.PValue),
            Effect = Finite(test?.Effect),
            Alpha = rules.Alpha,
            MinimumEffect = decided.MinimumEffect,
            Champion = champion is null
                ? null
                : new ChampionReport(champion.Version.Version, champion.Version.Digest, Finite(decided.Champion)),
            Challenger = new ChallengerReport(winner.Name, winner.Folder.Digest, Finite(decided.Challenger)),
            RunnerUp = informal is null ? null : new RunnerUpReport(runnerUp!.Name, Finite(informal.PValue), Finite(informal.Effect)),
            Reasons = reasons,
            Rules = [.. verdict.Rules.Select(r => new RuleReport(r.Kind, r.About, r.Holds, r.Text))],
            KeyMetrics =
            [
                .. verdict
                    .Metrics.Take(rules.Metrics.Count)
                    .Select(m => new KeyMetricReport(
                        m.Metric,
                        Finite(m.Champion),
                        Finite(m.Challenger),
                        Finite(m.Effect),
                        Finite(m.Interval?.Lower),
                        Finite(m.Interval?.Upper),
                        m.Test,
                        Finite(m.PValue),
                        m.MinimumEffect
                    )),
            ],
            Guardrails =
            [
                .. verdict.Guardrails.Select(g => new GuardrailReport(
                    g.Metric,
                    g.Column,
                    g.Column is null ? null : g.Value ?? "(missing)",
                    g.Rows,
                    Finite(g.Champion),
                    Finite(g.Challenger),
                    Finite(g.Effect),
                    Finite(g.Bound),
                    g.Margin,
                    g.Holds,
                    g.Note
                )),
            ],
            Approval = rules.Approval,
        };
    }

    private ComparisonRequest Request(Candidate winner, Scored? other) =>
        Informal(winner, other) with
        {
            Guardrails = [.. rules.Guardrails.Select(g => new MetricGuardrail(g.Metric, g.Margin))],
            Slices = rules.Slices is { } slices
                ? new SliceGuardrail([.. slices.Columns.Select(name => frame[name])], slices.Metric, slices.Margin, slices.MinimumRows)
                : null,
        };

    private ComparisonRequest Informal(Candidate winner, Scored? other) =>
        new()
        {
            Task = ModelMetrics.TaskOf(winner.Manifest.Task),
            Labels = winner.Test.Labels,
            Champion = other?.Scores,
            Challenger = winner.Test.Scores,
            Metrics = [.. rules.Metrics.Select(m => m.Name)],
            Require = rules.Require == Requirement.Any ? MetricRequirement.Any : MetricRequirement.All,
            Alpha = rules.Alpha,
            MinimumEffect = rules.MinimumEffect,
            MinimumEffects = rules.Metrics.Where(m => m.MinimumEffect is not null).ToDictionary(m => m.Name, m => m.MinimumEffect!.Value),
            Floors = rules.Floors,
            Threshold = winner.Manifest.Threshold,
            ChampionThreshold = other?.Threshold,
            Seed = seed,
        };

    private static double? Finite(double? value) => value is { } v ? ModelMetrics.Finite(v) : null;
}

/// <summary>A model's scores and decision threshold.</summary>
internal sealed record Scored(double[] Scores, double Threshold);
