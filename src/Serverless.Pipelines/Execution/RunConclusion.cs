using Serverless.Pipelines.Orchestration;
using Serverless.Tracking.Runs;
using Serverless.Tracking.Writing;

namespace Serverless.Pipelines.Execution;

/// <summary>Writes the end of a run for any engine.</summary>
internal static class RunConclusion
{
    public static async Task<Run> WriteAsync(
        RunStore runs,
        Run run,
        RunStatus status,
        RunError? error,
        IReadOnlyCollection<KeyValuePair<string, TaskResult>> tasks,
        DateTimeOffset now
    )
    {
        var metrics = tasks
            .SelectMany(t => t.Value.Metrics.Select(m => new MetricEntry($"{t.Key}.{m.Key}", m.Value, now.ToUnixTimeMilliseconds(), 0)))
            .ToList();
        var ended = await runs.LogAsync(
            run.ExperimentId,
            run.Id,
            r =>
                r.IsEnded || r.Pipeline!.Generation != run.Pipeline!.Generation
                    ? (r, [])
                    : (
                        r with
                        {
                            Status = status,
                            EndTime = now,
                            Error = error,
                            Pipeline = r.Pipeline with
                            {
                                Tasks = tasks.GroupBy(t => t.Value.State).ToDictionary(g => g.Key.ToString(), g => g.Count()),
                            },
                        }
                    ).WithMetrics(metrics)
        );
        await runs.MarkOpenAsync(ended, false);
        if (!(await runs.GetAsync(run.Id)).IsEnded)
        {
            // Someone is already retrying it and had marked it open before this host closed it.
            await runs.MarkOpenAsync(ended, true);
        }

        return ended;
    }
}
