using System.Collections.Concurrent;
using Serverless.Core;
using Serverless.Storage;
using Serverless.Storage.Tables;
using Serverless.Tracking.Runs;

namespace Serverless.Tracking.LoggedModels;

/// <summary>
/// Stores logged models: a row `g|{id}` each in the partition of their experiment, changed under an ETag condition. The index
/// `{workspace}|logged-models` maps a model to its experiment.
/// </summary>
public sealed class LoggedModelStore(Store store, TimeProvider time)
{
    /// <summary>A row holds about a megabyte: beyond this number of points, the oldest points of a metric are dropped.</summary>
    private const int MostPoints = 2000;

    private const string Prefix = "g|";
    private readonly string index = Keys.Join(store.Workspace, "logged-models");
    private readonly RunKeys keys = new(store.Workspace);

    /// <summary>Caches the experiment of a model, which never changes.</summary>
    private readonly ConcurrentDictionary<string, string> experimentOf = new(StringComparer.Ordinal);

    /// <summary>Serialises changes of one model within a host to avoid conflicts in the store.</summary>
    private readonly SemaphoreSlim[] turns = [.. Enumerable.Range(0, 16).Select(_ => new SemaphoreSlim(1, 1))];

    public long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    public static string NewId() => "m-" + Ids.NewId();

    public async Task<LoggedModel> CreateAsync(LoggedModel model, CancellationToken cancellationToken = default)
    {
        // The index first: an entry that points to nothing is harmless, a model that cannot be found is not.
        await store.Index.CommitAsync(
            RowChange.Put(Row.Of(index, Keys.Join(model.Id), new IndexEntry(model.ExperimentId))),
            cancellationToken
        );
        await store.Runs.CommitAsync(RowChange.Insert(RowOf(model)), cancellationToken);
        experimentOf[model.Id] = model.ExperimentId;
        return model;
    }

    public async Task<LoggedModel> GetAsync(string id, bool allowDeleted = false, CancellationToken cancellationToken = default) =>
        await FindAsync(id, cancellationToken) is { } row && row.Read<LoggedModel>() is var model && (allowDeleted || !model.IsDeleted)
            ? model
            : throw NotFound(id);

    /// <summary>Returns all models of an experiment, including deleted ones.</summary>
    public async Task<IReadOnlyList<LoggedModel>> ListAsync(string experimentId, CancellationToken cancellationToken = default)
    {
        var models = new List<LoggedModel>();
        await foreach (var row in store.Runs.QueryAsync(keys.Experiment(experimentId), Prefix, cancellationToken))
        {
            models.Add(row.Read<LoggedModel>());
        }

        return models;
    }

    public async Task<LoggedModel> ChangeAsync(
        string id,
        Func<LoggedModel, LoggedModel> change,
        CancellationToken cancellationToken = default
    )
    {
        var turn = turns[(uint)id.GetHashCode(StringComparison.Ordinal) % turns.Length];
        await turn.WaitAsync(cancellationToken);
        try
        {
            while (true)
            {
                var row = await FindAsync(id, cancellationToken) ?? throw NotFound(id);
                var model = row.Read<LoggedModel>();
                var changed = model.IsDeleted ? throw NotFound(id) : change(model);
                if (
                    ReferenceEquals(changed, model)
                    || (await store.Runs.CommitAsync(RowChange.Replace(RowOf(changed), row.ETag), cancellationToken)).IsCommitted
                )
                {
                    return changed;
                }
            }
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>Logs params, which never change: the same value again is accepted, a different one is an error.</summary>
    public Task LogParamsAsync(
        string id,
        IReadOnlyList<KeyValuePair<string, string>> added,
        CancellationToken cancellationToken = default
    ) =>
        ChangeAsync(
            id,
            model =>
            {
                var values = new Dictionary<string, string>(model.Params);
                foreach (var (key, value) in added)
                {
                    if (!values.TryAdd(key, value) && values[key] != value)
                    {
                        throw ServerlessException.Invalid(
                            $"Changing param values is not allowed. Param with key='{key}' was already logged with "
                                + $"value='{values[key]}' for model ID='{id}'. Attempted logging new value '{value}'."
                        );
                    }
                }

                return values.Count == model.Params.Count ? model : model with { Params = values };
            },
            cancellationToken
        );

    /// <summary>Logs metric points. Each point is stored once, however often it is sent.</summary>
    public Task LogMetricsAsync(string id, IReadOnlyList<LoggedModelMetric> added, CancellationToken cancellationToken = default) =>
        ChangeAsync(
            id,
            model =>
            {
                var points = model.Metrics.Concat(added).Distinct().ToList();
                if (points.Count == model.Metrics.Count)
                {
                    return model;
                }

                if (points.Count > MostPoints)
                {
                    points =
                    [
                        .. points
                            .GroupBy(p => (p.Key, p.RunId, p.DatasetName, p.DatasetDigest))
                            .SelectMany(g => g.OrderBy(p => (p.Timestamp, p.Step)).TakeLast(10)),
                    ];
                }

                return model with
                {
                    Metrics = points,
                };
            },
            cancellationToken
        );

    /// <summary>Permanently removes a deleted model.</summary>
    public async Task RemoveAsync(LoggedModel model, CancellationToken cancellationToken = default)
    {
        await store.Runs.CommitAsync(RowChange.Delete(RowOf(model)), cancellationToken);
        experimentOf.TryRemove(model.Id, out _);
        await store.Index.CommitAsync(
            RowChange.Delete(Row.Of(index, Keys.Join(model.Id), new IndexEntry(model.ExperimentId))),
            cancellationToken
        );
    }

    private static ServerlessException NotFound(string id) => ServerlessException.NotFound($"Logged model with ID '{id}' not found.");

    private Row RowOf(LoggedModel model) => Row.Of(keys.Experiment(model.ExperimentId), Keys.Join("g", model.Id), model);

    private async Task<Row?> FindAsync(string id, CancellationToken cancellationToken)
    {
        if (!experimentOf.TryGetValue(id, out var experiment))
        {
            if (!LoggedModel.IsId(id) || await store.Index.GetAsync(index, Keys.Join(id), cancellationToken) is not { } entry)
            {
                return null;
            }

            experimentOf[id] = experiment = entry.Read<IndexEntry>().ExperimentId;
        }

        return await store.Runs.GetAsync(keys.Experiment(experiment), Keys.Join("g", id), cancellationToken);
    }

    private sealed record IndexEntry(string ExperimentId);
}
