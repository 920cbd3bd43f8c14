using Serverless.Monitoring.Performance;
using Serverless.Monitoring.Significance;

namespace Serverless.Monitoring.Comparison;

/// <summary>
/// Decides whether a challenger replaces the champion. "Better on the test rows" is not enough: of two equally good models, one nearly
/// always is. The challenger is promoted only if no metric is undefined, all floors hold, it is significantly better in the deciding
/// metrics by at least the minimum effect, and no guardrail leaves room for a loss. Without a champion, the floors decide.
/// </summary>
public static class ModelComparison
{
    public static Verdict Compare(ComparisonRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        ComparisonCheck.Check(request);

        var deciding = DecidingMetrics(request);
        var metrics = MetricDefinition
            .All.Where(metric => metric.Task == request.Task)
            .OrderBy(metric => deciding.IndexOf(metric) is >= 0 and var place ? place : int.MaxValue)
            .Select(metric => Measure(request, metric, deciding.Contains(metric)))
            .ToList();
        if (request.Require == MetricRequirement.Any)
        {
            metrics = Corrected(metrics);
        }

        var isIdentical = IsIdentical(request);
        var guardrails = request.Champion is null || isIdentical ? [] : GuardrailRules.Judge(request, deciding[0].Name);
        List<VerdictRule> rules =
        [
            .. Defined(request, metrics),
            .. metrics.Where(metric => metric.Floor is not null && !double.IsNaN(metric.Challenger)).Select(Floor),
            .. isIdentical
                ? [new VerdictRule("better", "predictions", false, Reason.Identical(request))]
                : KeyMetricRules.Judge(request, metrics),
            .. guardrails.Select(g => new VerdictRule("not worse", g.About, g.Holds, Reason.Guardrail(g, request.Alpha))),
        ];

        var against = rules.Where(rule => rule.Holds == false).Select(rule => rule.Text).ToList();
        var promote = against.Count == 0;
        return new Verdict(promote, promote ? [.. Grounds(request, rules)] : against, metrics) { Rules = rules, Guardrails = guardrails };
    }

    private static List<MetricDefinition> DecidingMetrics(ComparisonRequest request)
    {
        IReadOnlyList<string> byDefault = [request.Task == ModelTask.Regression ? "rmse" : "auc"];
        var names = request.Metrics.Count > 0 ? request.Metrics : byDefault;
        return [.. names.Distinct(StringComparer.Ordinal).Select(name => MetricDefinition.Get(name, request.Task))];
    }

    private static MetricComparison Measure(ComparisonRequest request, MetricDefinition metric, bool isDeciding)
    {
        var comparison = new MetricComparison
        {
            Metric = metric.Name,
            HigherIsBetter = metric.HigherIsBetter,
            Challenger = metric.Function(request.Threshold)(request.Labels, request.Challenger),
            MinimumEffect = request.MinimumEffects.GetValueOrDefault(metric.Name, request.MinimumEffect),
            Floor = request.Floors.TryGetValue(metric.Name, out var floor) ? floor : null,
        };
        if (request.Champion is null)
        {
            return comparison;
        }

        if (!isDeciding)
        {
            var champion = metric.Function(request.Threshold)(request.Labels, PairedTest.ChampionScores(request, metric));
            return comparison with
            {
                Champion = champion,
                Effect = metric.HigherIsBetter ? comparison.Challenger - champion : champion - comparison.Challenger,
            };
        }

        var test = PairedTest.Of(request, metric, null, 1 - request.Alpha);
        return comparison with
        {
            Champion = test.Champion,
            Effect = test.Effect,
            Test = test.Name,
            PValue = Math.Min(1, test.PValue * request.Candidates),
            Interval = test.Interval,
        };
    }

    /// <summary>If any of several metrics may promote, the chance of a lucky one grows with their number.</summary>
    private static List<MetricComparison> Corrected(List<MetricComparison> metrics)
    {
        var tested = metrics.Where(metric => metric.PValue is not null).ToList();
        var adjusted = Holm.Adjust([.. tested.Select(metric => metric.PValue!.Value)]);
        return [.. metrics.Select(metric => tested.IndexOf(metric) is >= 0 and var i ? metric with { PValue = adjusted[i] } : metric)];
    }

    private static IEnumerable<VerdictRule> Defined(ComparisonRequest request, List<MetricComparison> metrics)
    {
        if (metrics.Any(metric => double.IsNaN(metric.Challenger)))
        {
            yield return new VerdictRule("defined", "metrics", false, Reason.Undefined(request, metrics));
        }
    }

    private static VerdictRule Floor(MetricComparison metric)
    {
        var holds = metric.HigherIsBetter ? metric.Challenger >= metric.Floor : metric.Challenger <= metric.Floor;
        return new VerdictRule("floor", metric.Metric, holds, holds ? Reason.FloorHeld(metric) : Reason.FloorBroken(metric));
    }

    private static bool IsIdentical(ComparisonRequest request) =>
        request.Champion is { } champion
        && (request.ChampionThreshold ?? request.Threshold) == request.Threshold
        && champion.AsSpan().SequenceEqual(request.Challenger);

    private static IEnumerable<string> Grounds(ComparisonRequest request, List<VerdictRule> rules)
    {
        IEnumerable<string> Of(string kind) => rules.Where(rule => rule.Kind == kind).Select(rule => rule.Text);
        var missing = request.Champion is null ? [Reason.NoChampion(request.Floors.Count > 0)] : Array.Empty<string>();
        return [.. Of("better"), .. missing, .. Of("floor"), .. Of("not worse")];
    }
}
