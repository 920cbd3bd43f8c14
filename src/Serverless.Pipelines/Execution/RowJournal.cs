using Serverless.Pipelines.Engines.Durable;
using Serverless.Pipelines.Orchestration;
using Serverless.Storage.Tables;
using Serverless.Tracking.Runs;

namespace Serverless.Pipelines.Execution;

/// <summary>
/// The journal for attempts that run one by one on any worker, possibly more than once, because an engine redelivers what a worker has not
/// answered. The first to end writes the record; all others return it.
/// </summary>
internal sealed class RowJournal(RunStore runs, string experimentId, string runId, int generation) : ITaskJournal
{
    private readonly string partition = runs.Keys.Experiment(experimentId);
    private Task posting = Task.CompletedTask;
    private int starts = 1;

    /// <summary>Gets a token that is cancelled when this worker stops. Interrupted tasks were not cancelled by anyone.</summary>
    public CancellationToken Stopping { get; init; }

    /// <summary>Gets the result by whoever ended the attempt first, if that was another worker.</summary>
    public TaskRecord? Overtaken { get; private set; }

    /// <summary>
    /// Returns the result of the attempt, possibly from an earlier generation of the run, or null if it still has to run.
    /// </summary>
    public async Task<TaskRecord?> FindAsync(TaskCall call, CancellationToken cancellationToken)
    {
        if (await ReadAsync(call.Path, call.Attempt, cancellationToken) is { } there)
        {
            if (there.IsEnd)
            {
                return there;
            }

            starts = there.State == TaskState.Running ? there.Starts + 1 : 1;
            return null;
        }

        if (generation == 1 || call.IsShielded || call.Attempt != 1)
        {
            return null;
        }

        // A retried run counts attempts from the beginning, so a success of an earlier generation answers its first one.
        var first = RunKeys.Task(runId, call.Path, 0);
        await foreach (var row in runs.Table.QueryAsync(partition, first[..^3], cancellationToken))
        {
            if (
                row.Read<TaskRecord>() is { State: TaskState.Succeeded } record
                && record.Path == call.Path
                && record.Generation < generation
            )
            {
                return record;
            }
        }

        return null;
    }

    /// <summary>Counts how often a worker has started the attempt, including this time.</summary>
    public int Starts => starts;

    public void Post(TaskRecord record) => posting = PutAsync(record);

    public async Task EndAsync(TaskRecord record, CacheEntry? entry)
    {
        await posting;
        if (record.State != TaskState.Succeeded)
        {
            Stopping.ThrowIfCancellationRequested();
        }

        while (true)
        {
            var there = await runs.Table.GetAsync(partition, RunKeys.Task(runId, record.Path, record.Attempt));
            if (there?.Read<TaskRecord>() is { IsEnd: true } ended && ended.Generation == generation)
            {
                Overtaken = ended;
                return;
            }

            var row = RowOf(record);
            var changes = new List<RowChange> { there is null ? RowChange.Insert(row) : RowChange.Replace(row, there.ETag) };
            if (entry is not null)
            {
                changes.Add(RowChange.Put(Row.Of(partition, RunKeys.CacheEntry(record.CacheKey!), entry)));
            }

            if ((await runs.Table.CommitAsync(changes)).IsCommitted)
            {
                return;
            }
        }
    }

    public async Task<CacheEntry?> FindCachedAsync(string key, CancellationToken cancellationToken) =>
        (await runs.Table.GetAsync(partition, RunKeys.CacheEntry(key), cancellationToken))?.Read<CacheEntry>();

    /// <summary>Records a state reported by the orchestrator, unless a later one is known. Reports may be late and in any order.</summary>
    public async Task<TaskRecord?> ReportAsync(TaskReport report, CancellationToken cancellationToken)
    {
        var isWaiting = report.Result.State == TaskState.WaitingForApproval;
        var record = new TaskRecord
        {
            Path = report.Path,
            Attempt = report.Attempt,
            State = report.Result.State,
            StartedAt = isWaiting ? report.Time : null,
            EndedAt = isWaiting ? null : report.Time,
            Result = report.Result,
        };
        while (true)
        {
            var there = await runs.Table.GetAsync(partition, RunKeys.Task(runId, record.Path, record.Attempt), cancellationToken);
            if (there?.Read<TaskRecord>() is { } known && known.Generation == generation && (known.IsEnd || isWaiting))
            {
                return null;
            }

            var row = RowOf(record);
            if (
                (
                    await runs.Table.CommitAsync(
                        there is null ? RowChange.Insert(row) : RowChange.Replace(row, there.ETag),
                        cancellationToken
                    )
                ).IsCommitted
            )
            {
                return record;
            }
        }
    }

    /// <summary>Returns the record of that attempt in this generation of the run.</summary>
    public async Task<TaskRecord?> ReadAsync(string path, int attempt, CancellationToken cancellationToken) =>
        (await runs.Table.GetAsync(partition, RunKeys.Task(runId, path, attempt), cancellationToken))?.Read<TaskRecord>() is { } record
        && record.Generation == generation
            ? record
            : null;

    private async Task PutAsync(TaskRecord record) => await runs.Table.CommitAsync(RowChange.Put(RowOf(record)));

    private Row RowOf(TaskRecord record) =>
        Row.Of(partition, RunKeys.Task(runId, record.Path, record.Attempt), record with { Generation = generation, Starts = starts });
}
