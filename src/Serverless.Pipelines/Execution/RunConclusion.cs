using Serverless.Tracking;

namespace Serverless.Pipelines;

/// <summary>Writes the end of a run, whoever drove it.</summary>
internal static class RunConclusion
{
    public static async Task<Run> WriteAsync(
        RunStore runs, Run run, RunStatus status, RunError? error, IReadOnlyCollection<KeyValuePair<string, TaskResult>> tasks, DateTimeOffset now)
    {
        var metrics = tasks.SelectMany(t => t.Value.Metrics.Select(m => (Key: $"{t.Key}.{m.Key}", m.Value)));
        var ended = await runs.UpdateAsync(run.ExperimentId, run.Id, r => r.IsEnded || r.Pipeline!.Generation != run.Pipeline!.Generation ? r : r with
        {
            Status = status,
            EndTime = now,
            Error = error,
            Metrics = metrics.ToDictionary(m => m.Key, m => new MetricPoint(m.Value, 0, now.ToUnixTimeMilliseconds())),
            Pipeline = r.Pipeline with { Tasks = tasks.GroupBy(t => t.Value.State).ToDictionary(g => g.Key.ToString(), g => g.Count()) },
        }).ConfigureAwait(false);
        await runs.MarkOpenAsync(ended, false).ConfigureAwait(false);
        if (!(await runs.GetAsync(run.Id).ConfigureAwait(false)).IsEnded)
        {
            // Somebody retries it already, and had marked it open before this host closed it.
            await runs.MarkOpenAsync(ended, true).ConfigureAwait(false);
        }

        return ended;
    }
}
