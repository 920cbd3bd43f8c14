using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Serverless.Core;
using Serverless.Storage;
using Serverless.Storage.Tables;

namespace Serverless.Tracking.Runs;

/// <summary>Finds runs: the experiment of an id, the newest pipeline runs, and those that have not ended.</summary>
internal sealed class RunIndex(Store store)
{
    private readonly RunKeys keys = new(store.Workspace);
    private readonly ConcurrentDictionary<string, string> experimentOf = new(StringComparer.Ordinal);

    /// <summary>Adds a new run.</summary>
    public async Task AddAsync(Run run, CancellationToken cancellationToken)
    {
        var entry = new RunIndexEntry(run.Id, run.ExperimentId);
        var rows = new List<Row> { Row.Of(keys.RunsById, run.Id, entry) };
        if (run.Pipeline is not null)
        {
            rows.Add(Row.Of(keys.RunsByTime, ByTime(run), entry));
            rows.Add(Row.Of(keys.OpenRuns, run.Id, entry));
        }

        await Task.WhenAll(rows.Select(r => store.Index.CommitAsync(RowChange.Put(r), cancellationToken)));
        experimentOf[run.Id] = run.ExperimentId;
    }

    /// <summary>Adds the ids that this process does not know yet.</summary>
    public async Task AddAsync(IReadOnlyList<string> runIds, string experimentId)
    {
        var unknown = runIds.Where(id => !experimentOf.ContainsKey(id)).ToList();
        await Task.WhenAll(
            unknown
                .Chunk(Table.MaxChanges)
                .Select(ids =>
                    store.Index.CommitAsync([
                        .. ids.Select(id => RowChange.Put(Row.Of(keys.RunsById, id, new RunIndexEntry(id, experimentId)))),
                    ])
                )
        );
        unknown.ForEach(id => experimentOf[id] = experimentId);
    }

    /// <summary>Returns the newest pipeline runs of all experiments.</summary>
    public async Task<IReadOnlyList<RunIndexEntry>> ListNewestAsync(int count, CancellationToken cancellationToken)
    {
        var entries = new List<RunIndexEntry>();
        await foreach (var row in store.Index.QueryAsync(keys.RunsByTime, "", cancellationToken))
        {
            entries.Add(row.Read<RunIndexEntry>());
            if (entries.Count == count)
            {
                break;
            }
        }

        return entries;
    }

    /// <summary>Enumerates the pipeline runs that are marked as open.</summary>
    public async IAsyncEnumerable<RunIndexEntry> ListOpenAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var row in store.Index.QueryAsync(keys.OpenRuns, "", cancellationToken))
        {
            yield return row.Read<RunIndexEntry>();
        }
    }

    /// <summary>Sets whether a host should look after the run.</summary>
    public async Task MarkOpenAsync(Run run, bool isOpen, CancellationToken cancellationToken)
    {
        var row = Row.Of(keys.OpenRuns, run.Id, new RunIndexEntry(run.Id, run.ExperimentId));
        await store.Index.CommitAsync(isOpen ? RowChange.Put(row) : RowChange.Delete(row), cancellationToken);
    }

    /// <summary>Returns the experiment of a run, which never changes.</summary>
    public async Task<string?> ExperimentOfAsync(string runId, CancellationToken cancellationToken)
    {
        if (experimentOf.TryGetValue(runId, out var experiment))
        {
            return experiment;
        }

        var row = await store.Index.GetAsync(keys.RunsById, Storage.Tables.Keys.Join(runId), cancellationToken);
        return row is null ? null : experimentOf[runId] = row.Read<RunIndexEntry>().ExperimentId;
    }

    /// <summary>Removes a pipeline run from the lists of runs.</summary>
    public async Task RemoveListedAsync(Run run, CancellationToken cancellationToken)
    {
        if (run.Pipeline is not null)
        {
            await store.Index.CommitAsync(RowChange.Delete(new Row(keys.RunsByTime, ByTime(run))), cancellationToken);
            await MarkOpenAsync(run, false, cancellationToken);
        }
    }

    /// <summary>Removes the id of a run whose rows are gone.</summary>
    public async Task RemoveAsync(string runId, CancellationToken cancellationToken)
    {
        experimentOf.TryRemove(runId, out _);
        await store.Index.CommitAsync(RowChange.Delete(new Row(keys.RunsById, Storage.Tables.Keys.Join(runId))), cancellationToken);
    }

    /// <summary>Returns the run with that id, or with the only id that begins with it.</summary>
    public async Task<RunIndexEntry> FindByPrefixAsync(string idOrPrefix, CancellationToken cancellationToken)
    {
        var found = new List<RunIndexEntry>();
        if (idOrPrefix.Length > 0 && idOrPrefix.All(char.IsAsciiHexDigitLower))
        {
            await foreach (var row in store.Index.QueryAsync(keys.RunsById, idOrPrefix, cancellationToken))
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
            0 => throw ServerlessException.NotFound($"Run {idOrPrefix} does not exist.", "List the runs with `mlops runs`."),
            _ => throw ServerlessException.Invalid($"Several run IDs begin with {idOrPrefix}.", "Use a longer prefix."),
        };
    }

    private static string ByTime(Run run) => Storage.Tables.Keys.Join(Storage.Tables.Keys.NewestFirst(run.StartTime), run.Id);
}

/// <summary>The location of a run.</summary>
internal sealed record RunIndexEntry(string RunId, string ExperimentId);
