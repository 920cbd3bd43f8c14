using System.Security.Cryptography;
using System.Text;
using Serverless.Core;
using Serverless.Tracking.Runs;
using Serverless.Tracking.Writing;

namespace Serverless.Pipelines.Execution;

/// <summary>
/// Maintains a run for each task of a pipeline run, nested in it, so that MLflow clients see what the pipeline did. Reports are batched
/// and written shortly afterwards, next to the journal and without blocking it. The runs are derived from the task records alone: a host
/// that takes over reports those again, and nothing is duplicated.
/// </summary>
public sealed class TaskRuns(RunStore runs, Run parent)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);
    private readonly Lock gate = new();
    private readonly SemaphoreSlim writing = new(1, 1);
    private readonly Dictionary<string, TaskRecord> pending = new(StringComparer.Ordinal);
    private bool areNew = true;
    private bool isScheduled;

    /// <summary>Returns the id of a task's run, which is always the same, so that every writer records the same run.</summary>
    public static string IdOf(string runId, string path) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{runId}\n{path}")).AsSpan(0, 16));

    /// <summary>Reports what another host had recorded, as far as it is known.</summary>
    public void Resume(IEnumerable<TaskRecord> records)
    {
        foreach (var record in records)
        {
            areNew = false;
            Report(record);
        }
    }

    /// <summary>Reports that a task started, is waiting, or ended. Written shortly afterwards.</summary>
    public void Report(TaskRecord record)
    {
        lock (gate)
        {
            if (
                pending.TryGetValue(record.Path, out var other)
                && TaskRunEdits.TaskOf(parent.Id, other).Progress.CompareTo(TaskRunEdits.TaskOf(parent.Id, record).Progress) > 0
            )
            {
                return;
            }

            pending[record.Path] = record;
            if (isScheduled)
            {
                return;
            }

            isScheduled = true;
        }

        _ = WriteLaterAsync();
    }

    /// <summary>Writes all pending reports.</summary>
    public async Task FlushAsync()
    {
        await writing.WaitAsync();
        try
        {
            List<TaskRecord> records;
            lock (gate)
            {
                records = [.. pending.Values];
                pending.Clear();
            }

            try
            {
                await WriteAsync(records);
            }
            catch (ServerlessException)
            {
                lock (gate)
                {
                    records.ForEach(r => pending.TryAdd(r.Path, r));
                }

                throw;
            }
        }
        finally
        {
            writing.Release();
        }
    }

    private async Task WriteLaterAsync()
    {
        await Task.Delay(Pause, TimeProvider.System);
        lock (gate)
        {
            isScheduled = false;
        }

        try
        {
            await FlushAsync();
        }
        catch (ServerlessException)
        {
            // Kept: the next report or the end of the run writes it, and only then does the error count.
        }
    }

    private async Task WriteAsync(List<TaskRecord> records)
    {
        if (records.Count == 0)
        {
            return;
        }

        var written = await runs.PutAsync(
            parent.ExperimentId,
            [.. records.Select(r => (IdOf(parent.Id, r.Path), Change(r, withData: true)))],
            areNew
        );
        await ((Task)Task.WhenAll(written)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var tooLarge = records.Where((_, i) => written[i].Exception?.InnerException is ServerlessException { IsRetryable: false }).ToList();
        if (tooLarge.Count > 0)
        {
            // More params and metrics than a run's summary can hold: the task's outcome must still be visible.
            written =
            [
                .. written.Where(w => w.IsCompletedSuccessfully),
                .. await runs.PutAsync(
                    parent.ExperimentId,
                    [.. tooLarge.Select(r => (IdOf(parent.Id, r.Path), Change(r, withData: false)))],
                    areNew: false
                ),
            ];
        }

        await Task.WhenAll(written);
    }

    private Func<Run?, (Run, IReadOnlyList<MetricEntry>)> Change(TaskRecord record, bool withData) =>
        there => TaskRunEdits.Apply(there, parent, record, withData);
}
