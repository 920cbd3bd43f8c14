using System.Collections.Concurrent;
using Serverless.Core;
using Serverless.Storage;
using Serverless.Storage.Tables;
using Serverless.Tracking.Experiments;
using Serverless.Tracking.Writing;

namespace Serverless.Tracking.Runs;

/// <summary>Stores runs. They are found by id and changed through the single writer of their experiment.</summary>
public sealed class RunStore(Store store, TimeProvider time)
{
    private readonly ConcurrentDictionary<string, ExperimentRuns> experiments = new(StringComparer.Ordinal);
    private readonly RunIndex index = new(store);

    public RunKeys Keys { get; } = new(store.Workspace);

    public ExperimentStore Experiments { get; } = new(store, time);

    public Table Table => store.Runs;

    /// <summary>
    /// Records a new run. The indexes are written first: an entry that points to nothing is harmless, a run that cannot be found is not.
    /// </summary>
    public async Task<Run> CreateAsync(Run run, CancellationToken cancellationToken = default)
    {
        await index.AddAsync(run, cancellationToken);
        return await Of(run.ExperimentId).ChangeAsync([(run.Id, there => RunChange.Of(there ?? run))], areNew: true)[0];
    }

    /// <summary>
    /// Records or changes runs, which may already exist: a whole batch in a few transactions. A task of the result fails if its run could
    /// not be written.
    /// </summary>
    public async Task<IReadOnlyList<Task<Run>>> PutAsync(
        string experimentId,
        IReadOnlyList<(string RunId, Func<Run?, (Run Run, IReadOnlyList<MetricEntry> Points)> Change)> puts,
        bool areNew
    )
    {
        await index.AddAsync([.. puts.Select(p => p.RunId)], experimentId);
        return Of(experimentId)
            .ChangeAsync(
                [
                    .. puts.Select(p =>
                        (
                            p.RunId,
                            (Func<Run?, RunChange>)(
                                run =>
                                {
                                    var (changed, points) = p.Change(run);
                                    return new RunChange(changed, points)
                                    {
                                        IsNothing = ReferenceEquals(changed, run) && points.Count == 0,
                                    };
                                }
                            )
                        )
                    ),
                ],
                areNew
            );
    }

    /// <summary>Returns the run with that id, or with the only id that begins with it.</summary>
    public async Task<Run> GetAsync(string idOrPrefix, CancellationToken cancellationToken = default)
    {
        var entry = await index.FindByPrefixAsync(idOrPrefix, cancellationToken);
        return await GetAsync(entry, cancellationToken)
            ?? throw ServerlessException.NotFound(
                $"Run {idOrPrefix} was never recorded.",
                "Its host ended before recording it. Submit the run again."
            );
    }

    /// <summary>Returns the run with exactly that id, or null.</summary>
    public async Task<Run?> FindAsync(string id, CancellationToken cancellationToken = default) =>
        await ExperimentOfAsync(id, cancellationToken) is { } experiment ? await Of(experiment).GetAsync(id, cancellationToken) : null;

    /// <summary>Returns the current state of all runs of an experiment, from memory.</summary>
    public Task<IReadOnlyList<Run>> ListAsync(string experimentId, CancellationToken cancellationToken = default) =>
        Of(experimentId).ListAsync(cancellationToken);

    /// <summary>Returns the newest pipeline runs of all experiments.</summary>
    public async Task<IReadOnlyList<Run>> ListAsync(int count, CancellationToken cancellationToken = default)
    {
        var entries = await index.ListNewestAsync(count, cancellationToken);
        var runs = await Task.WhenAll(entries.Select(e => GetAsync(e, cancellationToken)));
        return [.. runs.OfType<Run>()];
    }

    /// <summary>Returns the pipeline runs that have not ended.</summary>
    public async Task<IReadOnlyList<Run>> ListOpenAsync(CancellationToken cancellationToken = default)
    {
        var open = new List<Run>();
        await foreach (var entry in index.ListOpenAsync(cancellationToken))
        {
            if (await GetAsync(entry, cancellationToken) is { IsEnded: false } run)
            {
                open.Add(run);
            }
        }

        return open;
    }

    /// <summary>Changes the latest state of a run. The change is repeated if another host was faster.</summary>
    public Task<Run> UpdateAsync(string experimentId, string runId, Func<Run, Run> change, CancellationToken cancellationToken = default) =>
        LogAsync(experimentId, runId, run => (change(run), []), cancellationToken);

    /// <summary>Changes a run and adds metric points.</summary>
    public Task<Run> LogAsync(
        string experimentId,
        string runId,
        Func<Run, (Run Run, IReadOnlyList<MetricEntry> Points)> change,
        CancellationToken cancellationToken = default
    ) =>
        Of(experimentId)
            .ChangeAsync(
                runId,
                run =>
                {
                    var (changed, points) = change(run ?? throw NoRun(runId));
                    return new RunChange(changed, points);
                }
            )
            .WaitAsync(cancellationToken);

    /// <summary>Returns all points of a metric, or of all metrics, once each, in logging order.</summary>
    public async Task<IReadOnlyList<MetricEntry>> GetHistoryAsync(Run run, string? key, CancellationToken cancellationToken = default)
    {
        var points = new List<MetricEntry>();
        var known = new HashSet<MetricEntry>();
        await foreach (var row in Table.QueryAsync(Keys.Experiment(run.ExperimentId), RunKeys.Metrics(run.Id), cancellationToken))
        {
            points.AddRange(row.Read<MetricRow>().Packed().Of(key).Where(known.Add));
        }

        return points;
    }

    /// <summary>Deletes a run softly or restores it, together with the runs of its tasks.</summary>
    public async Task SetDeletedAsync(Run run, bool isDeleted, CancellationToken cancellationToken = default)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        run = await UpdateAsync(run.ExperimentId, run.Id, r => r.WithDeletion(isDeleted, now), cancellationToken);
        if (run.Pipeline is not null)
        {
            var all = await ListAsync(run.ExperimentId, cancellationToken);
            await Task.WhenAll(
                all.Where(r => r.Task?.RunId == run.Id && r.IsDeleted != isDeleted)
                    .Select(r => UpdateAsync(r.ExperimentId, r.Id, t => t.WithDeletion(isDeleted, now), cancellationToken))
            );
        }
    }

    /// <summary>Deletes an experiment softly or restores it, together with all its runs.</summary>
    public async Task SetExperimentDeletedAsync(string id, bool isDeleted, CancellationToken cancellationToken = default)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        await Experiments.UpdateAsync(
            id,
            e =>
                e.IsDeleted != isDeleted
                    ? e with
                    {
                        IsDeleted = isDeleted,
                        LastUpdateTime = now,
                    }
                    : throw ServerlessException.NotFound($"No Experiment with id={id} exists"),
            cancellationToken
        );
        var all = await ListAsync(id, cancellationToken);
        await Task.WhenAll(
            all.Where(r => r.IsDeleted != isDeleted && !r.IsCollected)
                .Select(r => UpdateAsync(id, r.Id, run => run.WithDeletion(isDeleted, now), cancellationToken))
        );
    }

    /// <summary>Marks a deleted run for permanent removal.</summary>
    /// <returns>False if it was restored, or is already gone.</returns>
    public async Task<bool> BeginRemovalAsync(Run run, CancellationToken cancellationToken = default)
    {
        try
        {
            return (
                await UpdateAsync(run.ExperimentId, run.Id, r => r.IsDeleted ? r with { IsCollected = true } : r, cancellationToken)
            ).IsCollected;
        }
        catch (ServerlessException e) when (e.Status == 404)
        {
            return false;
        }
    }

    /// <summary>
    /// Removes all rows of a run. Its summary goes last, so that the next attempt finds and completes an interrupted removal.
    /// </summary>
    public async Task RemoveAsync(Run run, CancellationToken cancellationToken = default)
    {
        var partition = Keys.Experiment(run.ExperimentId);
        foreach (
            var prefix in (string[])
                [RunKeys.Metrics(run.Id), RunKeys.Tasks(run.Id), RunKeys.Signals(run.Id), RunKeys.Timers(run.Id), RunKeys.Lease(run.Id)]
        )
        {
            await DeleteAllAsync(Table, partition, prefix, cancellationToken);
        }

        await index.RemoveListedAsync(run, cancellationToken);
        try
        {
            await Of(run.ExperimentId).ChangeAsync(run.Id, there => new RunChange(there ?? throw NoRun(run.Id), []) { IsRemoval = true });
        }
        catch (ServerlessException e) when (e.Status == 404)
        {
            // The response was lost, or another host was faster.
        }

        await index.RemoveAsync(run.Id, cancellationToken);
    }

    /// <summary>Removes a deleted experiment without remaining runs, with its task cache.</summary>
    public async Task RemoveExperimentAsync(Experiment experiment, CancellationToken cancellationToken = default)
    {
        foreach (var prefix in (string[])[RunKeys.CachePrefix, RunKeys.HostPrefix])
        {
            await DeleteAllAsync(Table, Keys.Experiment(experiment.Id), prefix, cancellationToken);
        }

        await Experiments.RemoveAsync(experiment.Id, cancellationToken);
        experiments.TryRemove(experiment.Id, out _);
    }

    private static async Task DeleteAllAsync(Table table, string partition, string prefix, CancellationToken cancellationToken)
    {
        var rows = new List<RowChange>();
        await foreach (var row in table.QueryAsync(partition, prefix, cancellationToken))
        {
            rows.Add(RowChange.Delete(new Row(row.PartitionKey, row.RowKey)));
        }

        foreach (var part in rows.Chunk(Table.MaxChanges))
        {
            await table.CommitAsync(part, cancellationToken);
        }
    }

    /// <summary>Sets whether a host should look after the run.</summary>
    public Task MarkOpenAsync(Run run, bool isOpen, CancellationToken cancellationToken = default) =>
        index.MarkOpenAsync(run, isOpen, cancellationToken);

    /// <summary>Returns the experiment of a run, which never changes.</summary>
    public Task<string?> ExperimentOfAsync(string runId, CancellationToken cancellationToken = default) =>
        index.ExperimentOfAsync(runId, cancellationToken);

    private static ServerlessException NoRun(string runId) => ServerlessException.NotFound($"Run with id={runId} not found");

    private ExperimentRuns Of(string experimentId) =>
        experiments.GetOrAdd(experimentId, id => new ExperimentRuns(store.Runs, Keys.Experiment(id), time));

    private async Task<Run?> GetAsync(RunIndexEntry entry, CancellationToken cancellationToken) =>
        await Of(entry.ExperimentId).GetAsync(entry.RunId, cancellationToken);
}
