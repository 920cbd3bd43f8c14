using Serverless.Core;
using Serverless.Storage.Tables;
using Serverless.Tracking.Runs;

namespace Serverless.Tracking.Writing;

/// <summary>
/// The runs of one experiment and their single writer. Changes that arrive during a transaction go together into the next one. A summary
/// is replaced under an ETag condition, so that a change of another host is never overwritten: the summary is read again and the change
/// repeated on top of it.
/// </summary>
internal sealed class ExperimentRuns
{
    /// <summary>The number of rows in a transaction: a hundred, of which one is this host's own.</summary>
    private const int MaxRuns = Table.MaxChanges - 1;
    private const int MaxBytes = 2_500_000;

    /// <summary>The maximum number of new points of one run in a transaction. The rest waits for the next one.</summary>
    private const int MaxPoints = 10_000;

    private readonly Table table;
    private readonly string partition;
    private readonly TimeProvider time;
    private readonly string host = Ids.NewId()[..12];
    private readonly Lock gate = new();
    private readonly RunMemory memory;
    private readonly Queue<Pending> queue = new();
    private HostRecord own = HostRecord.Empty;
    private bool isWriting;

    public ExperimentRuns(Table table, string partition, TimeProvider time)
    {
        this.table = table;
        this.partition = partition;
        this.time = time;
        memory = new RunMemory(table, partition, time, host);
    }

    /// <summary>Changes a run. Completes when the change is stored. The change may be applied again to a newer state of the run.</summary>
    public Task<Run> ChangeAsync(string runId, Func<Run?, RunChange> change) => ChangeAsync([(runId, change)], areNew: false)[0];

    /// <summary>Changes runs in the same transactions, as far as these have room.</summary>
    /// <param name="changes">The runs with their changes.</param>
    /// <param name="areNew">Skips the read before the write because the runs most likely do not exist yet.</param>
    public IReadOnlyList<Task<Run>> ChangeAsync(IReadOnlyList<(string RunId, Func<Run?, RunChange> Change)> changes, bool areNew)
    {
        var added = changes
            .Select(c => new Pending(
                c.RunId,
                c.Change,
                new TaskCompletionSource<Run>(TaskCreationOptions.RunContinuationsAsynchronously),
                areNew
            ))
            .ToList();
        lock (gate)
        {
            added.ForEach(queue.Enqueue);
            if (!isWriting)
            {
                isWriting = true;
                _ = Task.Run(WriteAsync);
            }
        }

        return [.. added.Select(p => p.Done.Task)];
    }

    /// <summary>Returns the current stored state of a run.</summary>
    public Task<Run?> GetAsync(string runId, CancellationToken cancellationToken) => memory.GetAsync(runId, cancellationToken);

    /// <summary>Returns all runs from memory, including changes that other hosts made since.</summary>
    public Task<IReadOnlyList<Run>> ListAsync(CancellationToken cancellationToken) => memory.ListAsync(cancellationToken);

    private async Task WriteAsync()
    {
        while (true)
        {
            List<Pending> batch;
            lock (gate)
            {
                batch = Take();
                if (batch.Count == 0)
                {
                    isWriting = false;
                    return;
                }
            }

            try
            {
                await CommitAsync(batch);
            }
            catch (Exception e)
            {
                foreach (var pending in batch)
                {
                    pending.Done.TrySetException(e);
                }

                memory.Doubt(batch.Select(p => p.RunId));
            }
        }
    }

    private List<Pending> Take()
    {
        var batch = new List<Pending>();
        var runs = new HashSet<string>();
        while (queue.TryPeek(out var next) && (runs.Contains(next.RunId) || runs.Count < MaxRuns) && batch.Count < 500)
        {
            runs.Add(next.RunId);
            batch.Add(queue.Dequeue());
        }

        return batch;
    }

    private async Task CommitAsync(List<Pending> batch)
    {
        while (batch.Count > 0)
        {
            var drafts = new List<Draft>();
            var left = new List<Pending>();
            var groups = batch.GroupBy(p => p.RunId).ToList();
            await Task.WhenAll(groups.Where(g => !g.All(p => p.IsNew)).Select(g => memory.FindAsync(g.Key)));
            foreach (var group in groups)
            {
                if (await DraftAsync(group.Key, [.. group], left) is { } draft)
                {
                    drafts.Add(draft);
                }
            }

            batch = left;
            while (drafts.Count > 0)
            {
                var part = Part(drafts);
                drafts.RemoveRange(0, part.Count);
                if (await TryCommitAsync(part) is { } conflict)
                {
                    memory.Forget(conflict);
                    // All of them again: the one that lost against another host is read again.
                    batch.AddRange(
                        part.SelectMany(d => d.Accepted)
                            .Select(a => a.Pending with { IsNew = a.Pending.IsNew && a.Pending.RunId != conflict })
                    );
                }
            }
        }
    }

    private static List<Draft> Part(List<Draft> drafts)
    {
        var (bytes, rows) = (0, 1);
        return drafts
            .TakeWhile(
                (draft, i) =>
                {
                    bytes += draft.Bytes;
                    rows += draft.Points.Count + 1;
                    return i == 0 || (bytes < MaxBytes && rows <= Table.MaxChanges);
                }
            )
            .ToList();
    }

    /// <returns>Null if there is nothing to write because every change was rejected. The callers have been notified.</returns>
    private async Task<Draft?> DraftAsync(string runId, IReadOnlyList<Pending> changes, List<Pending> left)
    {
        var state = memory.Held(runId);
        var run = state?.Run;
        var points = new List<MetricEntry>();
        var accepted = new List<(Pending, Run)>();
        var (isNothing, isRemoval) = (true, false);
        foreach (var pending in changes)
        {
            if (points.Count >= MaxPoints)
            {
                left.Add(pending);
                continue;
            }

            try
            {
                var change = pending.Change(run);
                run = change.Run;
                isNothing &= change.IsNothing;
                isRemoval |= change.IsRemoval;
                points.AddRange(change.Points);
                accepted.Add((pending, run));
            }
            catch (Exception e)
            {
                pending.Done.TrySetException(e);
            }
        }

        if (isNothing)
        {
            accepted.ForEach(a => a.Item1.Done.TrySetResult(a.Item2));
            return null;
        }

        var lastRow = state?.LastRow;
        if (points.Count > 0 && lastRow is null && run!.LastRowPoints > 0)
        {
            lastRow = (await table.GetAsync(partition, RunKeys.MetricRow(runId, run.MetricRows - 1)))?.Read<MetricRow>().Packed();
        }

        try
        {
            return Draft.Of(partition, state, run!, points, lastRow ?? MetricRow.Empty, accepted, isRemoval);
        }
        catch (ServerlessException e)
        {
            // The summary exceeds a row: the run keeps its last state, and the others of the batch continue.
            accepted.ForEach(a => a.Item1.Done.TrySetException(e));
            return null;
        }
    }

    /// <returns>Null, or the run whose row has changed since it was read.</returns>
    private async Task<string?> TryCommitAsync(List<Draft> drafts)
    {
        var record = own.Add(drafts.Select(d => d.Run.Id), time.GetUtcNow());
        var changes = drafts.Select(d => d.Summary).ToList();
        changes.AddRange(drafts.SelectMany(d => d.Points));
        changes.Add(RowChange.Put(Row.Of(partition, RunKeys.Host(host), record)));
        var result = await table.CommitAsync(changes);
        if (!result.IsCommitted)
        {
            return drafts[Math.Min(result.ConflictIndex, drafts.Count - 1)].Run.Id;
        }

        own = record;
        memory.Keep(drafts);
        foreach (var (pending, run) in drafts.SelectMany(d => d.Accepted))
        {
            pending.Done.TrySetResult(run);
        }

        return null;
    }

    internal sealed record Pending(string RunId, Func<Run?, RunChange> Change, TaskCompletionSource<Run> Done, bool IsNew);
}
