using Serverless.Storage;

namespace Serverless.Tracking;

/// <summary>
/// Experiments: one partition of the index for all of a workspace, so that an experiment and its name change in one transaction:
/// <code>
/// {workspace}|experiments   e|{id}     the experiment
///                           n|{name}   whose name it is; a deleted experiment keeps its own
/// </code>
/// </summary>
public sealed class ExperimentStore(Store store, TimeProvider time)
{
    private readonly string partition = Keys.Join(store.Workspace, "experiments");

    public async Task<Experiment> CreateAsync(
        string name, string? artifactLocation, IReadOnlyDictionary<string, string> tags, CancellationToken cancellationToken = default)
    {
        var id = name == "Default" ? Experiment.DefaultId : Ids.NewNumericId();
        return await TryCreateAsync(id, name, artifactLocation, tags, cancellationToken).ConfigureAwait(false)
            ?? throw new ServerlessException(ErrorCodes.ResourceAlreadyExists, $"Experiment(name={name}) already exists.");
    }

    public async Task<Experiment> GetOrCreateAsync(string name, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            if (await FindByNameAsync(name, cancellationToken).ConfigureAwait(false) is { } found)
            {
                return found;
            }

            if (await TryCreateAsync(Ids.NewNumericId(), name, null, new Dictionary<string, string>(), cancellationToken).ConfigureAwait(false) is { } made)
            {
                return made;
            }
        }
    }

    public async Task<Experiment> GetAsync(string id, CancellationToken cancellationToken = default) =>
        (await RowOfAsync(id, cancellationToken).ConfigureAwait(false)).Read<Experiment>();

    public async Task<Experiment?> FindByNameAsync(string name, CancellationToken cancellationToken = default)
    {
        if (await store.Index.GetAsync(partition, NameKey(name), cancellationToken).ConfigureAwait(false) is { } row)
        {
            return await GetAsync(row.Read<NameRecord>().Id, cancellationToken).ConfigureAwait(false);
        }

        return name == "Default" ? await GetAsync(Experiment.DefaultId, cancellationToken).ConfigureAwait(false) : null;
    }

    public async Task<IReadOnlyList<Experiment>> ListAsync(CancellationToken cancellationToken = default)
    {
        // Made on first use, like the workspace itself.
        await RowOfAsync(Experiment.DefaultId, cancellationToken).ConfigureAwait(false);
        var found = new List<Experiment>();
        await foreach (var row in store.Index.QueryAsync(partition, "e|", cancellationToken).ConfigureAwait(false))
        {
            found.Add(row.Read<Experiment>());
        }

        return found;
    }

    public async Task RenameAsync(string id, string name, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            var row = await RowOfAsync(id, cancellationToken).ConfigureAwait(false);
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
                cancellationToken).ConfigureAwait(false);
            if (result.IsCommitted)
            {
                return;
            }

            if (await store.Index.GetAsync(partition, NameKey(name), cancellationToken).ConfigureAwait(false) is not null)
            {
                throw new ServerlessException(ErrorCodes.ResourceAlreadyExists, $"Experiment(name={name}) already exists.");
            }
        }
    }

    public async Task<Experiment> UpdateAsync(string id, Func<Experiment, Experiment> change, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            var row = await RowOfAsync(id, cancellationToken).ConfigureAwait(false);
            var changed = change(row.Read<Experiment>());
            if ((await store.Index.CommitAsync(RowChange.Replace(Row.Of(partition, row.RowKey, changed), row.ETag), cancellationToken).ConfigureAwait(false)).IsCommitted)
            {
                return changed;
            }
        }
    }

    private static string IdKey(string id) => Keys.Join("e", id);

    private static string NameKey(string name) => Keys.Join("n", Keys.Bounded(name));

    private long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    private async Task<Row> RowOfAsync(string id, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (await store.Index.GetAsync(partition, IdKey(id), cancellationToken).ConfigureAwait(false) is { } row)
            {
                return row;
            }

            if (id != Experiment.DefaultId)
            {
                throw ServerlessException.NotFound($"No Experiment with id={id} exists");
            }

            await TryCreateAsync(Experiment.DefaultId, "Default", null, new Dictionary<string, string>(), cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<Experiment?> TryCreateAsync(
        string id, string name, string? artifactLocation, IReadOnlyDictionary<string, string> tags, CancellationToken cancellationToken)
    {
        var experiment = new Experiment
        {
            Id = id,
            Name = name,
            ArtifactLocation = string.IsNullOrEmpty(artifactLocation) ? $"mlflow-artifacts:/{id}" : artifactLocation,
            CreationTime = Now,
            LastUpdateTime = Now,
            Tags = tags,
        };
        var result = await store.Index.CommitAsync(
            [
                RowChange.Insert(Row.Of(partition, IdKey(id), experiment)),
                RowChange.Insert(Row.Of(partition, NameKey(name), new NameRecord(id))),
            ],
            cancellationToken).ConfigureAwait(false);
        return result.IsCommitted ? experiment : null;
    }

    private sealed record NameRecord(string Id);
}
