using Serverless.Tracking.Runs;

namespace Serverless.Pipelines.Execution;

/// <summary>Reads the task records of a run, whichever engine runs it.</summary>
public static class TaskRecords
{
    /// <summary>
    /// Returns the latest attempt of each task in the order in which they started; of one task only, if the run belongs to it.
    /// </summary>
    public static async Task<IReadOnlyList<TaskRecord>> ListAsync(RunStore runs, Run run, CancellationToken cancellationToken = default)
    {
        var latest = new Dictionary<string, TaskRecord>();
        var keys = run.Task is { } task ? RunKeys.Attempts(task.RunId, task.Path) : RunKeys.Tasks(run.Id);
        await foreach (var row in runs.Table.QueryAsync(runs.Keys.Experiment(run.ExperimentId), keys, cancellationToken))
        {
            var record = row.Read<TaskRecord>();
            if (
                !latest.TryGetValue(record.Path, out var other)
                || (record.Generation, record.Attempt).CompareTo((other.Generation, other.Attempt)) > 0
            )
            {
                latest[record.Path] = record;
            }
        }

        return [.. latest.Values.OrderBy(t => t.StartedAt ?? t.EndedAt).ThenBy(t => t.Path, StringComparer.Ordinal)];
    }
}
