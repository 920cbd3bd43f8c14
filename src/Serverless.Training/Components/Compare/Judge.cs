using System.Globalization;
using Serverless.Monitoring;

namespace Serverless.Training;

/// <summary>
/// Puts the winner before <see cref="ModelComparison"/>: against the champion if there is one, else against the floors alone; and
/// against the runner-up, which decides nothing but tells how clear the choice was.
/// </summary>
internal static class Judge
{
    public static VerdictReport Decide(CompareParameters p, string metric, Candidate winner, Candidate? runnerUp, Champion? champion)
    {
        var verdict = Compare(p, metric, winner, champion?.Scored);
        var decided = verdict.Metrics[0];
        var informal = runnerUp is null ? null : Compare(p, metric, winner, runnerUp.Scored).Metrics[0];
        var test = champion is null ? informal : decided;
        var promote = verdict.Promote;
        var reasons = verdict.Reasons.ToList();
        if (champion is not null && Registry.TrainedDigestOf(champion.Version) == winner.Folder.Digest)
        {
            promote = false;
            reasons = [string.Create(CultureInfo.InvariantCulture, $"It is version {champion.Version.Version}, which is in production already.")];
        }
        else if (champion is null && informal is not null)
        {
            reasons.Add(string.Create(
                CultureInfo.InvariantCulture,
                $"For information: against the runner-up {runnerUp!.Name}, {metric} {informal.Effect ?? double.NaN:+0.0000;-0.0000;0.0000}, p = {informal.PValue ?? double.NaN:0.0000} by {informal.Test}."));
        }

        return new VerdictReport
        {
            Promote = promote,
            Metric = metric,
            Test = test?.Test,
            PValue = Finite(test?.PValue),
            Effect = Finite(test?.Effect),
            Alpha = p.Alpha,
            MinimumEffect = p.MinimumEffect,
            Champion = champion is null ? null : new ChampionReport(champion.Version.Version, champion.Version.Digest, Finite(decided.Champion)),
            Challenger = new ChallengerReport(winner.Name, winner.Folder.Digest, Finite(decided.Challenger)),
            RunnerUp = informal is null ? null : new RunnerUpReport(runnerUp!.Name, Finite(informal.PValue), Finite(informal.Effect)),
            Reasons = reasons,
        };
    }

    private static Verdict Compare(CompareParameters p, string metric, Candidate winner, Scored? other) => ModelComparison.Compare(new ComparisonRequest
    {
        Task = ModelMetrics.TaskOf(winner.Manifest.Task),
        Labels = winner.Test.Labels,
        Champion = other is null ? null : AtThreshold(other, winner.Manifest.Threshold, metric),
        Challenger = winner.Test.Scores,
        Metrics = [metric],
        Alpha = p.Alpha,
        MinimumEffect = p.MinimumEffect,
        Floors = p.Floors,
        Threshold = winner.Manifest.Threshold,
        Seed = p.Seed,
    });

    /// <summary>
    /// The comparison has one threshold, but a model decides by its own. Where they differ the other's scores are stretched until its
    /// threshold lies on the winner's: order and decisions stay what they are. Log loss knows no threshold, and takes the scores as they are.
    /// </summary>
    private static double[] AtThreshold(Scored other, double threshold, string metric) =>
        other.Threshold == threshold || other.Threshold is <= 0 or >= 1 || threshold is <= 0 or >= 1 || metric == "log_loss"
            ? other.Scores
            : Array.ConvertAll(other.Scores, s => s >= other.Threshold
                ? 1 - ((1 - s) * (1 - threshold) / (1 - other.Threshold))
                : Math.Min(s * threshold / other.Threshold, Math.BitDecrement(threshold)));

    private static double? Finite(double? value) => value is { } v ? ModelMetrics.Finite(v) : null;
}

/// <summary>A model's scores with the threshold it decides by.</summary>
internal sealed record Scored(double[] Scores, double Threshold);
