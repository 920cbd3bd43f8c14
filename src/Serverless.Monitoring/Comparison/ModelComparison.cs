namespace Serverless.Monitoring;

/// <summary>
/// Decides whether a challenger takes the champion's place. "Better on the test rows" is no reason: of two equally good models
/// one nearly always is. The challenger is promoted only if no metric is undefined, every floor holds, and it is significantly better by
/// every deciding metric and by the minimum effect. Without a champion, the floors decide.
/// </summary>
public static class ModelComparison
{
    public static Verdict Compare(ComparisonRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        ComparisonCheck.Check(request);

        var deciding = DecidingMetrics(request);
        var metrics = MetricDefinition.All
            .Where(metric => metric.Task == request.Task)
            .OrderBy(metric => deciding.IndexOf(metric) is >= 0 and var place ? place : int.MaxValue)
            .Select(metric => Measure(request, metric, deciding.Contains(metric)))
            .ToList();

        var against = Objections(request, metrics).ToList();
        return against.Count > 0
            ? new Verdict(false, against, metrics)
            : new Verdict(true, [.. Grounds(request, metrics)], metrics);
    }

    private static List<MetricDefinition> DecidingMetrics(ComparisonRequest request)
    {
        IReadOnlyList<string> byDefault = [request.Task == ModelTask.Regression ? "rmse" : "auc"];
        var names = request.Metrics.Count > 0 ? request.Metrics : byDefault;
        return [.. names.Distinct(StringComparer.Ordinal).Select(name => MetricDefinition.Get(name, request.Task))];
    }

    private static MetricComparison Measure(ComparisonRequest request, MetricDefinition metric, bool isDeciding)
    {
        var compute = metric.Function(request.Threshold);
        var challenger = compute(request.Labels, request.Challenger);
        var comparison = new MetricComparison
        {
            Metric = metric.Name,
            HigherIsBetter = metric.HigherIsBetter,
            Challenger = challenger,
            Floor = request.Floors.TryGetValue(metric.Name, out var floor) ? floor : null,
        };
        if (request.Champion is null)
        {
            return comparison;
        }

        var champion = compute(request.Labels, request.Champion);
        comparison = comparison with
        {
            Champion = champion,
            Effect = metric.HigherIsBetter ? challenger - champion : champion - challenger,
        };
        return isDeciding ? SignificanceTest.Apply(request, metric, comparison) : comparison;
    }

    private static IEnumerable<string> Objections(ComparisonRequest request, List<MetricComparison> metrics)
    {
        if (metrics.Any(metric => double.IsNaN(metric.Challenger)))
        {
            yield return Reason.Undefined(request, metrics);
        }

        foreach (var metric in metrics.Where(metric => metric.Floor is not null && !double.IsNaN(metric.Challenger) && !HoldsFloor(metric)))
        {
            yield return Reason.FloorBroken(metric);
        }

        if (request.Champion is null)
        {
            yield break;
        }

        if (request.Champion.AsSpan().SequenceEqual(request.Challenger))
        {
            yield return Reason.Identical(request);
            yield break;
        }

        foreach (var metric in metrics.Where(metric => metric.Test is not null && !double.IsNaN(metric.Challenger)))
        {
            if (double.IsNaN(metric.Champion!.Value))
            {
                yield return Reason.ChampionUndefined(metric);
            }
            else if (!(metric.PValue <= request.Alpha))
            {
                yield return Reason.NotSignificant(metric, request.Alpha);
            }
            else if (!HasEffect(metric, request.MinimumEffect))
            {
                yield return Reason.TooSmall(metric, request.MinimumEffect);
            }
        }
    }

    private static IEnumerable<string> Grounds(ComparisonRequest request, List<MetricComparison> metrics)
    {
        foreach (var metric in metrics.Where(metric => metric.Test is not null))
        {
            yield return Reason.Better(metric, request);
        }

        if (request.Champion is null)
        {
            yield return Reason.NoChampion(request.Floors.Count > 0);
        }

        foreach (var metric in metrics.Where(metric => metric.Floor is not null))
        {
            yield return Reason.FloorHeld(metric);
        }
    }

    private static bool HoldsFloor(MetricComparison metric) => metric.HigherIsBetter
        ? metric.Challenger >= metric.Floor
        : metric.Challenger <= metric.Floor;

    // The tolerance is for decimals: 0.84 - 0.83 is a little less than 0.01.
    private static bool HasEffect(MetricComparison metric, double minimum) => metric.Effect > 0 && metric.Effect >= minimum - 1e-12;
}
