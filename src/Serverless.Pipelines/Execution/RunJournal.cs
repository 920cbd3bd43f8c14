using System.Collections.Concurrent;
using Serverless.Pipelines.Orchestration;
using Serverless.Storage.Tables;
using Serverless.Tracking.Runs;

namespace Serverless.Pipelines.Execution;

/// <summary>The journal of a run that this host drives: rows of the run's partition, written under its lease.</summary>
internal sealed class RunJournal : ITaskJournal, IAsyncDisposable
{
    private const int PrefetchedEntries = 1000;

    private readonly Table table;
    private readonly string partition;
    private readonly Run run;
    private readonly PartitionWriter writer;
    private readonly ConcurrentDictionary<string, CacheEntry> prefetched = new(StringComparer.Ordinal);

    /// <summary>The ended attempts of this run by path and attempt, as of the opening of the journal.</summary>
    private readonly Dictionary<(string Path, int Attempt), TaskRecord> recorded = [];
    private bool prefetchedAll;

    private RunJournal(RunStore runs, Run run, PartitionWriter writer)
    {
        table = runs.Table;
        partition = runs.Keys.Experiment(run.ExperimentId);
        this.run = run;
        this.writer = writer;
    }

    /// <summary>Gets the latest record of each task, as of the opening of the journal.</summary>
    public Dictionary<string, TaskRecord> Left { get; } = new(StringComparer.Ordinal);

    /// <summary>Gets the generation: 1, plus one for each retry of the run.</summary>
    public int Generation => run.Pipeline!.Generation;

    /// <summary>Gets the ends of this run's waits by key.</summary>
    public Dictionary<string, DateTimeOffset> Timers { get; } = [];

    /// <summary>Gets a token that is cancelled when this host leaves the run to another one.</summary>
    public CancellationToken Stopping { get; set; }

    public PartitionWriter Writer => writer;

    public static async Task<RunJournal> OpenAsync(RunStore runs, Run run, PartitionWriter writer, CancellationToken cancellationToken)
    {
        var journal = new RunJournal(runs, run, writer);
        await Task.WhenAll(
            journal.LoadAsync(cancellationToken),
            journal.LoadTimersAsync(cancellationToken),
            journal.PrefetchAsync(cancellationToken)
        );
        return journal;
    }

    /// <summary>Returns the result of that attempt, or null. Tasks that run in any case run again when the run is retried.</summary>
    public TaskRecord? Find(TaskCall call) =>
        recorded.TryGetValue((call.Path, call.Attempt), out var record) && (!call.IsShielded || record.Generation == Generation)
            ? record
            : null;

    /// <summary>Returns true if that attempt has a record that a late report must not overwrite.</summary>
    public bool IsRecorded(string path, int attempt, TaskState reported) =>
        recorded.TryGetValue((path, attempt), out var record)
        && (record.Generation == Generation || reported == TaskState.WaitingForApproval);

    public void Post(TaskRecord record) => writer.Post(RowOf(record));

    public Task EndAsync(TaskRecord record, CacheEntry? entry)
    {
        if (record.State != TaskState.Succeeded && Stopping.IsCancellationRequested)
        {
            // Nobody cancelled it, and an interrupted component may fail in any way: the next host runs it.
            return Task.CompletedTask;
        }

        if (record.Result.IsCacheHit)
        {
            // Looking it up again after a crash costs less than waiting for its record.
            Post(record);
            return Task.CompletedTask;
        }

        if (entry is null)
        {
            return writer.WriteAsync(RowOf(record));
        }

        // An identical task later in this run finds it without a request.
        prefetched[record.CacheKey!] = entry;
        return writer.WriteAsync(RowOf(record), Row.Of(partition, RunKeys.CacheEntry(record.CacheKey!), entry));
    }

    public async Task<CacheEntry?> FindCachedAsync(string key, CancellationToken cancellationToken)
    {
        if (prefetched.TryGetValue(key, out var entry) || prefetchedAll)
        {
            return entry;
        }

        return (await table.GetAsync(partition, RunKeys.CacheEntry(key), cancellationToken))?.Read<CacheEntry>();
    }

    /// <summary>Returns the end of a wait: set on the first request, and kept across a crash.</summary>
    public async Task<DateTimeOffset> DueAsync(string key, DateTimeOffset due)
    {
        if (!Timers.TryAdd(key, due))
        {
            return Timers[key];
        }

        await writer.WriteAsync(Row.Of(partition, RunKeys.Timer(run.Id, key), new TimerRecord(key, due, Generation)));
        return due;
    }

    public ValueTask DisposeAsync() => writer.DisposeAsync();

    private Row RowOf(TaskRecord record) =>
        Row.Of(partition, RunKeys.Task(run.Id, record.Path, record.Attempt), record with { Generation = Generation });

    private async Task LoadAsync(CancellationToken cancellationToken)
    {
        await foreach (var row in table.QueryAsync(partition, RunKeys.Tasks(run.Id), cancellationToken))
        {
            var record = row.Read<TaskRecord>();
            if (
                !Left.TryGetValue(record.Path, out var other)
                || (record.Generation, record.Attempt).CompareTo((other.Generation, other.Attempt)) > 0
            )
            {
                Left[record.Path] = record;
            }

            var counts = record.State == TaskState.Succeeded || (record.IsEnd && record.Generation == Generation);
            if (counts)
            {
                // A retried run counts attempts from the beginning, so a success of an earlier generation answers its first one.
                recorded[(record.Path, record.Generation == Generation ? record.Attempt : 1)] = record;
            }
        }
    }

    private async Task LoadTimersAsync(CancellationToken cancellationToken)
    {
        await foreach (var row in table.QueryAsync(partition, RunKeys.Timers(run.Id), cancellationToken))
        {
            var timer = row.Read<TimerRecord>();
            if (timer.Generation == Generation)
            {
                Timers[timer.Key] = timer.Due;
            }
        }
    }

    /// <summary>Reads the cache once instead of once for each task: a second run looks up what the first one left.</summary>
    private async Task PrefetchAsync(CancellationToken cancellationToken)
    {
        await foreach (var row in table.QueryAsync(partition, RunKeys.CachePrefix, cancellationToken))
        {
            prefetched[Keys.Split(row.RowKey)[1]] = row.Read<CacheEntry>();
            if (prefetched.Count == PrefetchedEntries)
            {
                return;
            }
        }

        prefetchedAll = true;
    }

    private sealed record TimerRecord(string Key, DateTimeOffset Due, int Generation);
}
