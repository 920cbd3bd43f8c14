using System.Diagnostics;
using System.Globalization;
using Serverless.Core;
using Serverless.Storage;
using Serverless.Storage.Tables;

namespace Serverless.Tracking.Experiments;

/// <summary>
/// Experiments: one partition of the index for all of a workspace, so that an experiment and its name change in one transaction:
/// <code>
/// {workspace}|experiments   e|{id}     the experiment
///                           n|{name}   whose name it is; a deleted experiment keeps its own
///                           c          the last number that was given out
/// </code>
/// Ids are counted, as MLflow's database does it: short, and in the order of their making.
/// </summary>
public sealed class ExperimentStore(Store store, TimeProvider time)
{
    private const string CounterRow = "c";
    private readonly string partition = Keys.Join(store.Workspace, "experiments");
    private bool hasDefault;

    public async Task<Experiment> CreateAsync(
        string name,
        string? artifactLocation,
        IReadOnlyDictionary<string, string> tags,
        CancellationToken cancellationToken = default
    )
    {
        return await TryCreateAsync(name, artifactLocation, tags, cancellationToken)
            ?? throw new ServerlessException(ErrorCodes.ResourceAlreadyExists, $"Experiment(name={name}) already exists.");
    }

    public async Task<Experiment> GetOrCreateAsync(string name, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            if (await FindByNameAsync(name, cancellationToken) is { } found)
            {
                return found;
            }

            if (await TryCreateAsync(name, null, new Dictionary<string, string>(), cancellationToken) is { } made)
            {
                return made;
            }
        }
    }

    public async Task<Experiment> GetAsync(string id, CancellationToken cancellationToken = default) =>
        (await RowOfAsync(id, cancellationToken)).Read<Experiment>();

    public async Task<Experiment?> FindByNameAsync(string name, CancellationToken cancellationToken = default)
    {
        if (await store.Index.GetAsync(partition, NameKey(name), cancellationToken) is { } row)
        {
            return await GetAsync(row.Read<NameRecord>().Id, cancellationToken);
        }

        if (name != "Default" || hasDefault)
        {
            return null;
        }

        await EnsureDefaultAsync(cancellationToken);
        return await FindByNameAsync(name, cancellationToken);
    }

    public async Task<IReadOnlyList<Experiment>> ListAsync(CancellationToken cancellationToken = default)
    {
        // Created on first use, like the workspace itself.
        await RowOfAsync(Experiment.DefaultId, cancellationToken);
        var found = new List<Experiment>();
        await foreach (var row in store.Index.QueryAsync(partition, "e|", cancellationToken))
        {
            found.Add(row.Read<Experiment>());
        }

        return found;
    }

    public async Task RenameAsync(string id, string name, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            var row = await RowOfAsync(id, cancellationToken);
            var experiment = row.Read<Experiment>();
            if (experiment.IsDeleted)
            {
                throw new ServerlessException(ErrorCodes.InvalidState, "Cannot rename a non-active experiment.", status: 500);
            }

            if (experiment.Name == name)
            {
                return;
            }

            var changed = experiment with { Name = name, LastUpdateTime = Now };
            var result = await store.Index.CommitAsync(
                [
                    RowChange.Replace(Row.Of(partition, row.RowKey, changed), row.ETag),
                    RowChange.Insert(Row.Of(partition, NameKey(name), new NameRecord(id))),
                    RowChange.Delete(new Row(partition, NameKey(experiment.Name))),
                ],
                cancellationToken
            );
            if (result.IsCommitted)
            {
                return;
            }

            if (await store.Index.GetAsync(partition, NameKey(name), cancellationToken) is not null)
            {
                throw new ServerlessException(ErrorCodes.ResourceAlreadyExists, $"Experiment(name={name}) already exists.");
            }
        }
    }

    public async Task<Experiment> UpdateAsync(string id, Func<Experiment, Experiment> change, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            var row = await RowOfAsync(id, cancellationToken);
            var changed = change(row.Read<Experiment>());
            if (
                (
                    await store.Index.CommitAsync(RowChange.Replace(Row.Of(partition, row.RowKey, changed), row.ETag), cancellationToken)
                ).IsCommitted
            )
            {
                return changed;
            }
        }
    }

    /// <summary>Permanently removes a deleted experiment and frees its name. Keeps an experiment that was restored.</summary>
    public async Task RemoveAsync(string id, CancellationToken cancellationToken = default)
    {
        if (
            await store.Index.GetAsync(partition, IdKey(id), cancellationToken) is { } row
            && row.Read<Experiment>() is { IsDeleted: true } experiment
        )
        {
            await store.Index.CommitAsync(
                [RowChange.Delete(row, row.ETag), RowChange.Delete(new Row(partition, NameKey(experiment.Name)))],
                cancellationToken
            );
        }
    }

    private static string IdKey(string id) => Keys.Join("e", id);

    private static string NameKey(string name) => Keys.Join("n", Keys.Bounded(name));

    private long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    private async Task<Row> RowOfAsync(string id, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (await store.Index.GetAsync(partition, IdKey(id), cancellationToken) is { } row)
            {
                return row;
            }

            if (id != Experiment.DefaultId)
            {
                throw ServerlessException.NotFound($"No Experiment with id={id} exists");
            }

            await EnsureDefaultAsync(cancellationToken);
        }
    }

    /// <summary>Creates the default experiment, which precedes all others, as in MLflow.</summary>
    private async Task EnsureDefaultAsync(CancellationToken cancellationToken)
    {
        if (hasDefault)
        {
            return;
        }

        if (await store.Index.GetAsync(partition, CounterRow, cancellationToken) is null)
        {
            // As old as the host: a query for recent experiments should not return this one.
            var started = new DateTimeOffset(Process.GetCurrentProcess().StartTime).ToUnixTimeMilliseconds();
            var experiment = Make(Experiment.DefaultId, "Default", null, new Dictionary<string, string>()) with
            {
                CreationTime = started,
                LastUpdateTime = started,
            };
            await store.Index.CommitAsync(
                [
                    RowChange.Insert(Row.Of(partition, IdKey(experiment.Id), experiment)),
                    RowChange.Insert(Row.Of(partition, NameKey(experiment.Name), new NameRecord(experiment.Id))),
                    RowChange.Insert(Row.Of(partition, CounterRow, new Counter(0))),
                ],
                cancellationToken
            );
        }

        hasDefault = true;
    }

    private async Task<Experiment?> TryCreateAsync(
        string name,
        string? artifactLocation,
        IReadOnlyDictionary<string, string> tags,
        CancellationToken cancellationToken
    )
    {
        await EnsureDefaultAsync(cancellationToken);
        while (true)
        {
            var counter = (await store.Index.GetAsync(partition, CounterRow, cancellationToken))!;
            var number = counter.Read<Counter>().Last + 1;
            var experiment = Make(number.ToString(CultureInfo.InvariantCulture), name, artifactLocation, tags);
            var result = await store.Index.CommitAsync(
                [
                    RowChange.Insert(Row.Of(partition, NameKey(name), new NameRecord(experiment.Id))),
                    RowChange.Insert(Row.Of(partition, IdKey(experiment.Id), experiment)),
                    RowChange.Replace(Row.Of(partition, CounterRow, new Counter(number)), counter.ETag),
                ],
                cancellationToken
            );
            if (result.IsCommitted)
            {
                return experiment;
            }

            if (await store.Index.GetAsync(partition, NameKey(name), cancellationToken) is not null)
            {
                return null;
            }
        }
    }

    private Experiment Make(string id, string name, string? artifactLocation, IReadOnlyDictionary<string, string> tags) =>
        new()
        {
            Id = id,
            Name = name,
            ArtifactLocation = string.IsNullOrEmpty(artifactLocation) ? $"mlflow-artifacts:/{id}" : artifactLocation,
            CreationTime = Now,
            LastUpdateTime = Now,
            Tags = tags,
        };

    private sealed record NameRecord(string Id);

    private sealed record Counter(long Last);
}
