using System.Globalization;

namespace Serverless.Training;

/// <summary>
/// Decides. Promote only if no metric is NaN, every floor holds and, against a champion, the winner is significantly and by the
/// minimum effect better; with no champion, the floors decide.
/// </summary>
internal static class Judge
{
    public static VerdictReport Decide(CompareParameters p, string metric, Candidate winner, Candidate? runnerUp, Champion? champion)
    {
        var reasons = new List<string>();
        var promote = Sound(p, winner, reasons);
        var labels = winner.Test.Labels;
        var informal = runnerUp is null ? null : PairTest.Of(metric, labels, runnerUp.Scored, winner.Scored, p.Seed);
        var test = champion is null ? informal : PairTest.Of(metric, labels, champion.Scored, winner.Scored, p.Seed);
        if (champion is null)
        {
            reasons.Add(promote ? "no version is in production, so the floors decide, and they hold" : "no version is in production, so the floors decide");
            if (test is not null)
            {
                reasons.Add(string.Create(
                    CultureInfo.InvariantCulture, $"for information: {metric} {Signed(test.Effect)} against the runner-up {runnerUp!.Name}, p = {Shown(test.PValue)} ({test.Test})"));
            }
        }
        else if (Registry.TrainedDigestOf(champion.Version) == winner.Folder.Digest)
        {
            promote = false;
            reasons.Add(string.Create(CultureInfo.InvariantCulture, $"it is version {champion.Version.Version}, which is in production already"));
        }
        else
        {
            promote &= Better(p, metric, test!, champion, reasons);
        }

        return new VerdictReport
        {
            Promote = promote,
            Metric = metric,
            Test = test?.Test,
            PValue = test is null ? null : ModelMetrics.Finite(test.PValue),
            Effect = test is null ? null : ModelMetrics.Finite(test.Effect),
            Alpha = p.Alpha,
            MinimumEffect = p.MinimumEffect,
            Champion = champion is null
                ? null
                : new ChampionReport(
                    champion.Version.Version,
                    champion.Version.Digest,
                    ModelMetrics.Finite(ModelMetrics.Of(metric, labels, champion.Test.Scores, champion.Threshold))),
            Challenger = new ChallengerReport(winner.Name, winner.Folder.Digest, ModelMetrics.Finite(winner.TestMetrics[metric])),
            RunnerUp = runnerUp is null ? null : new RunnerUpReport(runnerUp.Name, ModelMetrics.Finite(informal!.PValue), ModelMetrics.Finite(informal.Effect)),
            Reasons = reasons,
        };
    }

    /// <summary>No metric is NaN, and every floor holds.</summary>
    private static bool Sound(CompareParameters p, Candidate winner, List<string> reasons)
    {
        var sound = true;
        foreach (var (name, value) in winner.TestMetrics.Where(m => double.IsNaN(m.Value)))
        {
            sound = false;
            reasons.Add($"{name} is undefined on the test rows");
        }

        foreach (var (name, floor) in p.Floors.OrderBy(f => f.Key, StringComparer.Ordinal))
        {
            var value = winner.TestMetrics[name];
            var higher = ModelMetrics.HigherIsBetter(name);
            var holds = higher ? value >= floor : value <= floor;
            sound &= holds;
            reasons.Add(string.Create(
                CultureInfo.InvariantCulture,
                $"{name} {Shown(value)} {(holds ? "holds" : "misses")} the floor {(higher ? "≥" : "≤")} {ModelCard.Number(floor)}"));
        }

        return sound;
    }

    private static bool Better(CompareParameters p, string metric, PairTest test, Champion champion, List<string> reasons)
    {
        // NaN compares as false: what cannot be tested is not shown.
        var significant = test.PValue < p.Alpha;
        var enough = test.Effect > 0 && test.Effect >= p.MinimumEffect;
        reasons.Add(string.Create(
            CultureInfo.InvariantCulture,
            $"{metric} {Signed(test.Effect)} against version {champion.Version.Version}, p = {Shown(test.PValue)} ({test.Test}): {(significant ? "significant" : "not significant")} at {ModelCard.Number(p.Alpha)}"));
        if (!enough)
        {
            reasons.Add(string.Create(
                CultureInfo.InvariantCulture, $"the effect {Signed(test.Effect)} is below the minimum of {ModelCard.Number(p.MinimumEffect)}"));
        }

        return significant && enough;
    }

    private static string Signed(double value) => value.ToString("+0.0000;-0.0000;0.0000", CultureInfo.InvariantCulture);

    private static string Shown(double value) => value is > 0 and < 0.0001 ? "< 0.0001" : value.ToString("0.0000", CultureInfo.InvariantCulture);
}
