using Serverless.Storage;

namespace Serverless.Tracking;

/// <summary>Experiments and runs.</summary>
public sealed class RunStore(Store store, TimeProvider time)
{
    public RunKeys Keys { get; } = new(store.Workspace);

    public Table Table => store.Runs;

    /// <summary>The experiment of that name, made if it is not there.</summary>
    public async Task<Experiment> GetOrCreateExperimentAsync(string name, CancellationToken cancellationToken = default)
    {
        var key = Storage.Keys.Join(name);
        while (true)
        {
            if (await store.Index.GetAsync(Keys.ExperimentNames, key, cancellationToken).ConfigureAwait(false) is { } found)
            {
                return found.Read<Experiment>();
            }

            var experiment = new Experiment(Ids.NewNumericId(), name, time.GetUtcNow());
            await store.Runs.CommitAsync(
                RowChange.Put(Row.Of(Keys.Experiment(experiment.Id), RunKeys.ExperimentRow, experiment)), cancellationToken).ConfigureAwait(false);
            // The name decides: who comes second takes the first one's experiment.
            if ((await store.Index.CommitAsync(RowChange.Insert(Row.Of(Keys.ExperimentNames, key, experiment)), cancellationToken).ConfigureAwait(false)).IsCommitted)
            {
                return experiment;
            }
        }
    }

    /// <summary>Records a new run. The indexes come first: one that points to nothing does no harm, a run nobody finds does.</summary>
    public async Task CreateAsync(Run run, CancellationToken cancellationToken = default)
    {
        var entry = new RunIndexEntry(run.Id, run.ExperimentId);
        var indexes = new List<Task<CommitResult>>
        {
            store.Index.CommitAsync(RowChange.Put(Row.Of(Keys.RunsById, run.Id, entry)), cancellationToken),
            store.Index.CommitAsync(
                RowChange.Put(Row.Of(Keys.RunsByTime, Storage.Keys.Join(Storage.Keys.NewestFirst(run.StartTime), run.Id), entry)), cancellationToken),
        };
        if (run.Pipeline is not null)
        {
            indexes.Add(store.Index.CommitAsync(RowChange.Put(Row.Of(Keys.OpenRuns, run.Id, entry)), cancellationToken));
        }

        await Task.WhenAll(indexes).ConfigureAwait(false);
        await store.Runs.CommitAsync(RowChange.Insert(RowOf(run)), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The run of that id, or of the only id that begins so.</summary>
    public async Task<Run> GetAsync(string idOrPrefix, CancellationToken cancellationToken = default)
    {
        var entry = await FindAsync(idOrPrefix, cancellationToken).ConfigureAwait(false);
        return await GetAsync(entry, cancellationToken).ConfigureAwait(false)
            ?? throw ServerlessException.NotFound($"The run {idOrPrefix} was never recorded.", "Its host ended before it could; submit it again.");
    }

    /// <summary>The newest runs of all experiments.</summary>
    public async Task<IReadOnlyList<Run>> ListAsync(int count, CancellationToken cancellationToken = default)
    {
        var entries = new List<RunIndexEntry>();
        await foreach (var row in store.Index.QueryAsync(Keys.RunsByTime, "", cancellationToken).ConfigureAwait(false))
        {
            entries.Add(row.Read<RunIndexEntry>());
            if (entries.Count == count)
            {
                break;
            }
        }

        var runs = await Task.WhenAll(entries.Select(e => GetAsync(e, cancellationToken))).ConfigureAwait(false);
        return [.. runs.OfType<Run>()];
    }

    /// <summary>Pipeline runs that have not ended.</summary>
    public async Task<IReadOnlyList<Run>> ListOpenAsync(CancellationToken cancellationToken = default)
    {
        var open = new List<Run>();
        await foreach (var row in store.Index.QueryAsync(Keys.OpenRuns, "", cancellationToken).ConfigureAwait(false))
        {
            if (await GetAsync(row.Read<RunIndexEntry>(), cancellationToken).ConfigureAwait(false) is { IsEnded: false } run)
            {
                open.Add(run);
            }
        }

        return open;
    }

    /// <summary>Changes a run against its latest state; the change is made again if somebody was faster.</summary>
    public async Task<Run> UpdateAsync(string experimentId, string runId, Func<Run, Run> change, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            var row = await store.Runs.GetAsync(Keys.Experiment(experimentId), RunKeys.Run(runId), cancellationToken).ConfigureAwait(false)
                ?? throw ServerlessException.NotFound($"There is no run {runId}.");
            var changed = change(row.Read<Run>());
            if ((await store.Runs.CommitAsync(RowChange.Replace(RowOf(changed), row.ETag), cancellationToken).ConfigureAwait(false)).IsCommitted)
            {
                return changed;
            }
        }
    }

    /// <summary>Says whether a host should look after the run.</summary>
    public async Task MarkOpenAsync(Run run, bool isOpen, CancellationToken cancellationToken = default)
    {
        var row = Row.Of(Keys.OpenRuns, run.Id, new RunIndexEntry(run.Id, run.ExperimentId));
        await store.Index.CommitAsync(isOpen ? RowChange.Put(row) : RowChange.Delete(row), cancellationToken).ConfigureAwait(false);
    }

    private Row RowOf(Run run) => Row.Of(Keys.Experiment(run.ExperimentId), RunKeys.Run(run.Id), run);

    private async Task<Run?> GetAsync(RunIndexEntry entry, CancellationToken cancellationToken) =>
        (await store.Runs.GetAsync(Keys.Experiment(entry.ExperimentId), RunKeys.Run(entry.RunId), cancellationToken).ConfigureAwait(false))?.Read<Run>();

    private async Task<RunIndexEntry> FindAsync(string idOrPrefix, CancellationToken cancellationToken)
    {
        var found = new List<RunIndexEntry>();
        if (idOrPrefix.Length > 0 && idOrPrefix.All(char.IsAsciiHexDigitLower))
        {
            await foreach (var row in store.Index.QueryAsync(Keys.RunsById, idOrPrefix, cancellationToken).ConfigureAwait(false))
            {
                found.Add(row.Read<RunIndexEntry>());
                if (found.Count == 2)
                {
                    break;
                }
            }
        }

        return found.Count switch
        {
            1 => found[0],
            0 => throw ServerlessException.NotFound($"There is no run {idOrPrefix}.", "`mlops runs` lists them."),
            _ => throw ServerlessException.Invalid($"More than one run begins with {idOrPrefix}.", "Give more of the id."),
        };
    }
}

/// <summary>Where a run is.</summary>
internal sealed record RunIndexEntry(string RunId, string ExperimentId);
