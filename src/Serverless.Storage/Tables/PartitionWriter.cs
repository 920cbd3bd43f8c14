using Serverless.Core;

namespace Serverless.Storage.Tables;

/// <summary>
/// Writes the rows of one partition for the holder of its lease. Rows that arrive during a transaction go together into the next one,
/// because the cost is the round trip, not the row. Each transaction renews the lease under an ETag condition.
/// </summary>
public sealed class PartitionWriter : IAsyncDisposable
{
    private const int MaxBytes = 3_000_000;
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Heartbeat = Lease.Duration / 3;

    private readonly Table table;
    private readonly Lease lease;
    private readonly TimeProvider time;
    private readonly Lock gate = new();
    private readonly Queue<Group> urgent = new();
    private readonly Dictionary<string, RowChange> lazy = [];
    private readonly SemaphoreSlim wake = new(0, 1);
    private readonly CancellationTokenSource lost = new();
    private readonly Task loop;
    private ServerlessException? failure;
    private bool closing;

    public PartitionWriter(Table table, Lease lease, TimeProvider time)
    {
        this.table = table;
        this.lease = lease;
        this.time = time;
        loop = Task.Run(RunAsync);
    }

    /// <summary>Gets a token that is cancelled when another driver has taken over or the store did not come back.</summary>
    public CancellationToken Lost => lost.Token;

    /// <summary>Gets why the lease was lost.</summary>
    public ServerlessException? Failure => failure;

    /// <summary>Writes all of the rows or none. Completes when they are written.</summary>
    public Task WriteAsync(params IReadOnlyList<Row> rows)
    {
        var group = new Group(rows, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        lock (gate)
        {
            if (failure is not null || closing)
            {
                return Task.FromException(
                    failure ?? new ServerlessException(ErrorCodes.InvalidState, "The journal of this run is closed.", status: 409)
                );
            }

            foreach (var row in rows)
            {
                // What was announced for this row is out of date now.
                lazy.Remove(row.RowKey);
            }

            urgent.Enqueue(group);
            Wake();
        }

        return group.Done.Task;
    }

    /// <summary>
    /// Writes the row with the next transaction, after a short delay at the latest. A later row with the same key replaces it.
    /// </summary>
    public void Post(Row row)
    {
        lock (gate)
        {
            if (failure is null && !closing)
            {
                lazy[row.RowKey] = RowChange.Put(row);
            }
        }
    }

    /// <summary>Writes everything that was posted and makes sure that the lease is still held.</summary>
    public Task FlushAsync()
    {
        lock (gate)
        {
            // An empty group still renews the lease under its ETag condition.
            return Task.WhenAll([.. lazy.Values.ToList().Select(change => WriteAsync(change.Row)), WriteAsync()]);
        }
    }

    /// <summary>Writes what is left and releases the lease.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (gate)
        {
            closing = true;
            Wake();
        }

        await loop;
        if (failure is null)
        {
            try
            {
                await table.CommitAsync(lease.Release());
            }
            catch (ServerlessException)
            {
                // It expires by itself.
            }
        }

        lost.Dispose();
        wake.Dispose();
    }

    private void Wake()
    {
        if (wake.CurrentCount == 0)
        {
            wake.Release();
        }
    }

    private async Task RunAsync()
    {
        var renewed = time.GetTimestamp();
        while (true)
        {
            await wake.WaitAsync(Patience);
            while (true)
            {
                List<Group> groups;
                List<RowChange> changes;
                lock (gate)
                {
                    (groups, changes) = Take();
                    if (changes.Count == 0 && groups.Count == 0 && time.GetElapsedTime(renewed) < Heartbeat)
                    {
                        if (closing)
                        {
                            return;
                        }

                        break;
                    }
                }

                if (!await CommitAsync(groups, changes))
                {
                    return;
                }

                renewed = time.GetTimestamp();
            }
        }
    }

    /// <summary>Takes as much as fits into one transaction: whole groups first, then posted rows.</summary>
    private (List<Group> Groups, List<RowChange> Changes) Take()
    {
        var groups = new List<Group>();
        var changes = new Dictionary<string, RowChange>();
        var bytes = 0;
        while (
            urgent.TryPeek(out var next)
            && changes.Count + next.Rows.Count < Table.MaxChanges
            && bytes + next.Size < MaxBytes
            && !next.Rows.Any(r => changes.ContainsKey(r.RowKey))
        )
        {
            urgent.Dequeue();
            groups.Add(next);
            bytes += next.Size;
            foreach (var row in next.Rows)
            {
                changes.Add(row.RowKey, RowChange.Put(row));
            }
        }

        foreach (var (key, change) in lazy)
        {
            if (changes.Count + 1 >= Table.MaxChanges || bytes + change.Row.Size >= MaxBytes)
            {
                break;
            }

            if (changes.TryAdd(key, change))
            {
                bytes += change.Row.Size;
                lazy.Remove(key);
            }
        }

        return (groups, [.. changes.Values]);
    }

    private async Task<bool> CommitAsync(List<Group> groups, List<RowChange> changes)
    {
        try
        {
            var renewal = lease.Renewal();
            while (!(await table.CommitAsync([.. changes, renewal])).IsCommitted)
            {
                if (await lease.IsStillOursAsync(table))
                {
                    renewal = lease.Renewal();
                    continue;
                }

                throw new ServerlessException(
                    ErrorCodes.ResourceConflict,
                    "Another host has taken over this run.",
                    "Follow the run there. This host has stopped writing.",
                    409
                );
            }

            lease.Renewed(renewal.Row);
            foreach (var group in groups)
            {
                group.Done.SetResult();
            }

            return true;
        }
        catch (ServerlessException e)
        {
            lock (gate)
            {
                failure = e;
                groups.AddRange(urgent);
                urgent.Clear();
                lazy.Clear();
            }

            foreach (var group in groups)
            {
                group.Done.SetException(e);
            }

            await lost.CancelAsync();
            return false;
        }
    }

    private sealed record Group(IReadOnlyList<Row> Rows, TaskCompletionSource Done)
    {
        public int Size { get; } = Rows.Sum(r => r.Size);
    }
}
