using Serverless.Tracking.Writing;

namespace Serverless.Api.Mlflow;

/// <summary>Samples the steps of long histories as MLflow's server does.</summary>
internal static class StepSample
{
    public static IReadOnlySet<long> Of(IReadOnlyList<IReadOnlyList<MetricEntry>> runs, long? start, long? end, int most)
    {
        var all = runs.SelectMany(r => r.Select(p => p.Step)).Distinct().Order().ToList();
        var first = start ?? 0;
        var last = end ?? (all.Count > 0 ? all[^1] : 0);
        var within = all.Where(s => s >= first && s <= last).ToList();
        var chosen = new HashSet<long>(within.Count <= most ? within : Spread(within, most));
        // Keep the first and last step of each run, or its curve would appear to begin late and end early.
        foreach (var run in runs.Where(r => r.Count > 0))
        {
            var (low, high) = (run.Min(p => p.Step), run.Max(p => p.Step));
            chosen.UnionWith(new[] { low, high }.Where(s => s >= first && s <= last));
        }

        return chosen;
    }

    private static IEnumerable<long> Spread(List<long> steps, int most)
    {
        var interval = (double)steps.Count / most;
        return Enumerable.Range(0, most).Select(i => steps[(int)(i * interval)]).Append(steps[^1]);
    }
}
