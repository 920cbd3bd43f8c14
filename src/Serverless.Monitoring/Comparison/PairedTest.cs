using Serverless.Monitoring.Performance;
using Serverless.Monitoring.Significance;

namespace Serverless.Monitoring.Comparison;

/// <summary>
/// Selects the test for a metric of two models on the same rows: McNemar's for accuracy, DeLong's for the AUC, and the paired bootstrap
/// for all others.
/// </summary>
internal sealed record PairedTest(
    string Name,
    double Champion,
    double Challenger,
    double Effect,
    double PValue,
    ConfidenceInterval? Interval
)
{
    private const string Bootstrap = "paired bootstrap";

    /// <param name="request">Task, thresholds, replicates and seed.</param>
    /// <param name="metric">The metric.</param>
    /// <param name="rows">The rows; null for all.</param>
    /// <param name="level">The level of the two-sided interval.</param>
    public static PairedTest Of(ComparisonRequest request, MetricDefinition metric, int[]? rows, double level)
    {
        var labels = Pick(request.Labels, rows);
        var challenger = Pick(request.Challenger, rows);
        var champion = Pick(ChampionScores(request, metric), rows);
        var compute = metric.Function(request.Threshold);
        var (before, after) = (compute(labels, champion), compute(labels, challenger));
        var effect = metric.HigherIsBetter ? after - before : before - after;
        if (double.IsNaN(effect))
        {
            return new PairedTest(NameOf(metric), before, after, effect, double.NaN, null);
        }

        switch (metric.Name)
        {
            case "accuracy":
                var mcNemar = McNemar.Of(labels, champion, challenger, request.Threshold);
                return new PairedTest(
                    NameOf(metric),
                    before,
                    after,
                    effect,
                    mcNemar.OneSidedP,
                    mcNemar.DifferenceInterval(labels.Length, level)
                );
            case "auc":
                var deLong = DeLong.Of(labels, champion, challenger);
                return new PairedTest(
                    NameOf(metric),
                    before,
                    after,
                    effect,
                    deLong.OneSidedP,
                    double.IsNaN(deLong.Z) ? null : deLong.DifferenceInterval(level)
                );
            default:
                var bootstrap = PairedBootstrap.Of(
                    labels,
                    champion,
                    challenger,
                    compute,
                    metric.HigherIsBetter,
                    request.BootstrapReplicates,
                    request.Seed,
                    level
                );
                return new PairedTest(NameOf(metric), before, after, effect, bootstrap.OneSidedP, bootstrap.Interval);
        }
    }

    /// <summary>
    /// A metric with a decision is computed at the challenger's threshold. If the champion has another one, its scores are rescaled to
    /// move its threshold there, which preserves order and decisions. Log loss and AUC do not depend on a threshold.
    /// </summary>
    public static double[] ChampionScores(ComparisonRequest request, MetricDefinition metric)
    {
        var (scores, own, threshold) = (request.Champion!, request.ChampionThreshold ?? request.Threshold, request.Threshold);
        return own == threshold || own is <= 0 or >= 1 || threshold is <= 0 or >= 1 || metric.Name is "log_loss" or "auc"
            ? scores
            : Array.ConvertAll(
                scores,
                s => s >= own ? 1 - ((1 - s) * (1 - threshold) / (1 - own)) : Math.Min(s * threshold / own, Math.BitDecrement(threshold))
            );
    }

    private static string NameOf(MetricDefinition metric) =>
        metric.Name switch
        {
            "accuracy" => "McNemar's exact test",
            "auc" => "DeLong's test",
            _ => Bootstrap,
        };

    private static double[] Pick(double[] values, int[]? rows) => rows is null ? values : SliceMetrics.Pick(values, rows);
}
