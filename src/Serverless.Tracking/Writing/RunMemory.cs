using System.Collections.Concurrent;
using Serverless.Storage.Tables;
using Serverless.Tracking.Runs;

namespace Serverless.Tracking.Writing;

/// <summary>
/// Keeps the summaries of an experiment's runs in memory: as read, as written by this host, and updated with the changes that other hosts
/// announce.
/// </summary>
internal sealed class RunMemory
{
    private const int ManyRuns = 20_000;

    private readonly RunPool pool = new();
    private readonly Table table;
    private readonly string partition;
    private readonly TimeProvider time;
    private readonly string host;
    private readonly Lock gate = new();
    private readonly Dictionary<string, RunState> states = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> seen = new(StringComparer.Ordinal);
    private readonly SharedRefresh sync;
    private long commits;
    private long doubts;
    private bool isLoaded;

    public RunMemory(Table table, string partition, TimeProvider time, string host)
    {
        this.table = table;
        this.partition = partition;
        this.time = time;
        this.host = host;
        sync = new SharedRefresh(SyncAsync);
    }

    /// <summary>Returns this host's state of the run, or null.</summary>
    public RunState? Held(string runId)
    {
        lock (gate)
        {
            return states.GetValueOrDefault(runId);
        }
    }

    /// <summary>Returns the current stored state of a run. For a large run in memory, requests only the version.</summary>
    public async Task<Run?> GetAsync(string runId, CancellationToken cancellationToken)
    {
        var held = Held(runId);
        var key = RunKeys.Run(runId);
        return held is { IsLarge: true } && await table.GetETagAsync(partition, key, cancellationToken) == held.ETag
            ? held.Run
            : (await table.GetAsync(partition, key, cancellationToken))?.Read<Run>();
    }

    /// <summary>Returns all runs from memory, including changes that other hosts made since.</summary>
    public async Task<IReadOnlyList<Run>> ListAsync(CancellationToken cancellationToken)
    {
        await sync.Async().WaitAsync(cancellationToken);
        lock (gate)
        {
            return [.. states.Values.Select(s => s.Run)];
        }
    }

    /// <summary>Reads a run, unless it is in memory.</summary>
    public async Task FindAsync(string runId)
    {
        long since;
        lock (gate)
        {
            if (states.ContainsKey(runId))
            {
                return;
            }

            since = commits;
        }

        Keep(await table.GetAsync(partition, RunKeys.Run(runId)), since);
    }

    /// <summary>Records what this host has just written.</summary>
    public void Keep(IEnumerable<Draft> drafts)
    {
        lock (gate)
        {
            commits++;
            foreach (var draft in drafts)
            {
                if (draft.IsRemoval)
                {
                    states.Remove(draft.Run.Id);
                    continue;
                }

                // A run that is being logged to changes with the next request: it is compacted when it ends.
                states[draft.Run.Id] = new RunState(draft.Run.IsEnded ? pool.Compact(draft.Run) : draft.Run, draft.Summary.Row.ETag)
                {
                    LastRow = draft.LastRow,
                    Commit = commits,
                };
            }
        }
    }

    /// <summary>Removes a run that has changed since it was read, or is gone.</summary>
    public void Forget(string runId)
    {
        lock (gate)
        {
            states.Remove(runId);
        }
    }

    /// <summary>Marks runs as unknown, so that the next change reads them.</summary>
    public void Doubt(IEnumerable<string> runIds)
    {
        lock (gate)
        {
            doubts++;
            isLoaded = false;
            foreach (var id in runIds)
            {
                states.Remove(id);
            }
        }
    }

    private async Task SyncAsync()
    {
        long since;
        lock (gate)
        {
            since = commits;
        }

        var records = new Dictionary<string, HostRecord>();
        await foreach (var row in table.QueryAsync(partition, RunKeys.HostPrefix))
        {
            records[Keys.Split(row.RowKey)[1]] = row.Read<HostRecord>();
        }

        var missed = new HashSet<string>();
        var tooMany = !isLoaded;
        foreach (var (name, record) in records.Where(r => r.Key != host))
        {
            var count = record.Sequence - seen.GetValueOrDefault(name);
            tooMany |= count > record.Changed.Count;
            missed.UnionWith(record.Changed.Skip((int)Math.Max(0, record.Changed.Count - count)));
        }

        if (tooMany)
        {
            await LoadAsync(since);
            if (states.Count > ManyRuns)
            {
                // Reading produced several times as much garbage as there are runs, and an idle host would keep that memory.
                GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            }

            await ForgetAsync(records);
        }
        else
        {
            foreach (var (id, row) in await Task.WhenAll(missed.Select(async id => (id, await table.GetAsync(partition, RunKeys.Run(id))))))
            {
                Keep(row, since);
                if (row is null)
                {
                    Forget(id);
                }
            }
        }

        foreach (var (name, record) in records)
        {
            seen[name] = record.Sequence;
        }
    }

    private async Task LoadAsync(long since)
    {
        long before;
        ConcurrentDictionary<string, bool> unseen;
        lock (gate)
        {
            before = doubts;
            unseen = new ConcurrentDictionary<string, bool>(
                states.Where(s => s.Value.Commit <= since).Select(s => KeyValuePair.Create(s.Key, true)),
                StringComparer.Ordinal
            );
        }

        await table.ForEachIdAsync(
            partition,
            RunKeys.RunPrefix,
            row =>
            {
                unseen.TryRemove(row.RowKey[RunKeys.RunPrefix.Length..], out _);
                Keep(row, since);
            }
        );
        lock (gate)
        {
            foreach (var id in unseen.Keys.Where(id => states.TryGetValue(id, out var state) && state.Commit <= since).ToList())
            {
                // Permanently removed by a host whose announcement came too late.
                states.Remove(id);
            }

            // A write that failed meanwhile may have left something that this read missed.
            isLoaded = doubts == before;
        }
    }

    /// <summary>Hosts without changes for a day have nothing to announce that a full read did not include.</summary>
    private async Task ForgetAsync(Dictionary<string, HostRecord> records)
    {
        foreach (var (name, record) in records.Where(r => r.Key != host && time.GetUtcNow() - r.Value.Time > TimeSpan.FromDays(1)).ToList())
        {
            await table.CommitAsync(RowChange.Delete(new Row(partition, RunKeys.Host(name))));
            records.Remove(name);
        }
    }

    /// <summary>Makes sure that a read does not overwrite what this host has written since the read began.</summary>
    private void Keep(Row? row, long since)
    {
        if (row is null)
        {
            return;
        }

        var run = pool.Compact(row.Read<Run>());
        lock (gate)
        {
            if (!states.TryGetValue(run.Id, out var there) || (there.Commit <= since && there.ETag != row.ETag))
            {
                states[run.Id] = new RunState(run, row.ETag);
            }
        }
    }
}
