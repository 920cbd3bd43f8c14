namespace Serverless.Monitoring.Comparison;

/// <summary>Evaluates what must be better.</summary>
internal static class KeyMetricRules
{
    public static IEnumerable<VerdictRule> Judge(ComparisonRequest request, IReadOnlyList<MetricComparison> metrics)
    {
        var tested = metrics.Where(metric => metric.Test is not null && !double.IsNaN(metric.Challenger)).ToList();
        var rules = tested.Select(metric => Judge(metric, request)).ToList();
        if (request.Require == MetricRequirement.All || !rules.Exists(rule => rule.Holds == true))
        {
            return rules;
        }

        // If one of several is better, the others must only not be worse.
        return rules.Select(
            (rule, i) =>
                rule.Holds == true ? rule
                : IsWorse(tested[i]) ? rule with { Text = Reason.Worse(tested[i]) }
                : rule with { Holds = null }
        );
    }

    private static VerdictRule Judge(MetricComparison metric, ComparisonRequest request)
    {
        var (holds, text) =
            double.IsNaN(metric.Champion!.Value) ? (false, Reason.ChampionUndefined(metric))
            : !(metric.PValue <= request.Alpha) ? (false, Reason.NotSignificant(metric, request.Alpha))
            : !HasEffect(metric) ? (false, Reason.TooSmall(metric))
            : (true, Reason.Better(metric, request));
        return new VerdictRule("better", metric.Metric, holds, text);
    }

    // A metric that cannot be tested cannot be shown not to be worse.
    private static bool IsWorse(MetricComparison metric) => metric.Interval is not { } interval || !(interval.Upper >= 0);

    // The tolerance is for decimals: 0.84 - 0.83 is a little less than 0.01.
    private static bool HasEffect(MetricComparison metric) => metric.Effect > 0 && metric.Effect >= metric.MinimumEffect - 1e-12;
}
