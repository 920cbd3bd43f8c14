using System.Collections.Concurrent;
using Serverless.Storage.Tables;
using Serverless.Tracking.Runs;

namespace Serverless.Tracking.Writing;

/// <summary>
/// The summaries of an experiment's runs in memory: as they were read, as this host wrote them, and brought up to date by what other hosts
/// say that they changed.
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

    /// <summary>The run as this host holds it; null if it does not.</summary>
    public RunState? Held(string runId)
    {
        lock (gate)
        {
            return states.GetValueOrDefault(runId);
        }
    }

    /// <summary>The run as it is stored now. Of a large one that this host holds, only the version is asked for.</summary>
    public async Task<Run?> GetAsync(string runId, CancellationToken cancellationToken)
    {
        var held = Held(runId);
        var key = RunKeys.Run(runId);
        return held is { IsLarge: true } && await table.GetETagAsync(partition, key, cancellationToken) == held.ETag
            ? held.Run
            : (await table.GetAsync(partition, key, cancellationToken))?.Read<Run>();
    }

    /// <summary>All runs: from memory, brought up to date by what other hosts changed since.</summary>
    public async Task<IReadOnlyList<Run>> ListAsync(CancellationToken cancellationToken)
    {
        await sync.Async().WaitAsync(cancellationToken);
        lock (gate)
        {
            return [.. states.Values.Select(s => s.Run)];
        }
    }

    /// <summary>Reads a run unless this host holds it.</summary>
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

    /// <summary>What this host has just written.</summary>
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

                // A run that is being logged to changes with the next request: it is made small when it is over.
                states[draft.Run.Id] = new RunState(draft.Run.IsEnded ? pool.Compact(draft.Run) : draft.Run, draft.Summary.Row.ETag)
                {
                    LastRow = draft.LastRow,
                    Commit = commits,
                };
            }
        }
    }

    /// <summary>The run is not as it was read, or gone.</summary>
    public void Forget(string runId)
    {
        lock (gate)
        {
            states.Remove(runId);
        }
    }

    /// <summary>What is stored of these is not known any more: the next change reads it.</summary>
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
                // Reading made several times as much garbage as there are runs, and an idle host would keep that memory.
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
                // Removed for good by a host whose word of it came too late.
                states.Remove(id);
            }

            // A write that failed meanwhile leaves behind what this read may not have seen.
            isLoaded = doubts == before;
        }
    }

    /// <summary>Hosts that have not changed anything for a day have nothing to tell that a full read did not.</summary>
    private async Task ForgetAsync(Dictionary<string, HostRecord> records)
    {
        foreach (var (name, record) in records.Where(r => r.Key != host && time.GetUtcNow() - r.Value.Time > TimeSpan.FromDays(1)).ToList())
        {
            await table.CommitAsync(RowChange.Delete(new Row(partition, RunKeys.Host(name))));
            records.Remove(name);
        }
    }

    /// <summary>What was read must not take the place of what this host has written since it began to read.</summary>
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
