using System.Globalization;
using Serverless.Core;
using Serverless.Storage;
using Serverless.Storage.Tables;

namespace Serverless.Tracking.Models;

/// <summary>
/// The rows of a workspace's registry: one partition, so that a name, a model, its versions and their history change together.
/// <code>
/// {workspace}   n|{name}                       whose name it is
///               m|{id}                         a model, with its tags and aliases
///               v|{id}|{version}               a version
///               q|{id}|{request}               which version a request made, so that a repeated one makes none
///               a|{id}|{newest first}|{entry}  who changed what, when, from, to, why
///               d|{newest first}|{id}          a deleted model, until it is collected
///               r|…                            what is kept beside models (<see cref="ModelRecords"/>)
/// </code>
/// Every transaction replaces the model's row against its ETag: two writers never both go through, and the ETag of that one row
/// tells a reader whether what it knows of the model is still so. A rename moves the name's row and touches no version.
/// </summary>
internal sealed class ModelTable(Store store)
{
    /// <summary>The number of changed models from which one read of all versions is cheaper than one read for each.</summary>
    private const int Many = 8;
    private readonly string partition = Keys.Join(store.Workspace);

    public ModelMemory Memory { get; } = new();

    public Table Rows => store.Models;

    public static string ModelKey(string id) => Keys.Join("m", id);

    public static string NameKey(string name) => Keys.Join("n", Keys.Bounded(name));

    public static string RequestKey(string id, string request) => Keys.Join("q", id, Keys.Bounded(request));

    public Row RowOf<T>(string key, T record) => Row.Of(partition, key, record);

    public Task<Row?> GetAsync(string key, CancellationToken cancellationToken) => Rows.GetAsync(partition, key, cancellationToken);

    public IAsyncEnumerable<Row> ListAsync(string prefix, CancellationToken cancellationToken) =>
        Rows.QueryAsync(partition, prefix, cancellationToken);

    /// <summary>Returns the id of the model with that name.</summary>
    public async Task<string?> ResolveAsync(string name, CancellationToken cancellationToken) =>
        (await GetAsync(NameKey(name), cancellationToken))?.Read<NameRecord>().Id;

    /// <summary>Returns the current state of the model with that name. One point read if this process already knows it.</summary>
    public async Task<ModelState?> FindAsync(string name, CancellationToken cancellationToken)
    {
        for (var attempt = 0; attempt < 10; attempt++)
        {
            var id = Memory.IdOf(name) ?? await ResolveAsync(name, cancellationToken);
            if (id is null)
            {
                return null;
            }

            if (
                await GetAsync(ModelKey(id), cancellationToken) is { } row
                && await CompleteAsync(row, cancellationToken) is { } state
                && state.Model.Name == name
            )
            {
                return state;
            }

            // Renamed or deleted since the name was looked up.
            Memory.Forget(name);
        }

        throw ServerlessException.Conflict($"Registered Model with name={name} keeps changing.", "Try again.");
    }

    /// <summary>Returns the current state of all models.</summary>
    public async Task<IReadOnlyList<ModelState>> ListAsync(CancellationToken cancellationToken)
    {
        var rows = await ModelRowsAsync(cancellationToken);
        if (rows.Count(r => Memory.Find(IdOf(r), r.ETag) is null) >= Many)
        {
            var versions = await AllVersionsAsync(cancellationToken);
            var before = rows.ToDictionary(r => r.RowKey, r => r.ETag);
            rows = await ModelRowsAsync(cancellationToken);
            foreach (var row in rows.Where(r => before.GetValueOrDefault(r.RowKey) == r.ETag && Memory.Find(IdOf(r), r.ETag) is null))
            {
                // The model did not change while its versions were read, so they belong together.
                Memory.Keep(new ModelState(row.Read<RegisteredModel>(), row.ETag, versions[IdOf(row)]));
            }
        }

        var states = await Task.WhenAll(rows.Select(r => CompleteAsync(r, cancellationToken)));
        return [.. states.OfType<ModelState>()];
    }

    public static string VersionKey(string id, int version) => Keys.Join("v", id, version.ToString("D10", CultureInfo.InvariantCulture));

    private static string IdOf(Row row) => row.RowKey[2..];

    /// <summary>Returns the model of a row with its versions, or null if it was deleted meanwhile.</summary>
    private async Task<ModelState?> CompleteAsync(Row row, CancellationToken cancellationToken)
    {
        var id = IdOf(row);
        while (true)
        {
            if (Memory.Find(id, row.ETag) is { } known)
            {
                return known;
            }

            var model = row.Read<RegisteredModel>();
            if (model.LastVersion == 0)
            {
                return Memory.Keep(new ModelState(model, row.ETag, []));
            }

            var versions = new List<ModelVersion>();
            await foreach (var version in ListAsync(Keys.Join("v", id, ""), cancellationToken))
            {
                versions.Add(version.Read<ModelVersion>());
            }

            var again = await GetAsync(row.RowKey, cancellationToken);
            if (again is null)
            {
                return null;
            }

            if (again.ETag == row.ETag)
            {
                return Memory.Keep(new ModelState(model, row.ETag, versions));
            }

            row = again;
        }
    }

    private async Task<List<Row>> ModelRowsAsync(CancellationToken cancellationToken)
    {
        var rows = new List<Row>();
        await foreach (var row in ListAsync("m|", cancellationToken))
        {
            rows.Add(row);
        }

        return rows;
    }

    private async Task<ILookup<string, ModelVersion>> AllVersionsAsync(CancellationToken cancellationToken)
    {
        var versions = new List<(string Id, ModelVersion Version)>();
        await foreach (var row in ListAsync("v|", cancellationToken))
        {
            versions.Add((Keys.Split(row.RowKey)[1], row.Read<ModelVersion>()));
        }

        return versions.ToLookup(v => v.Id, v => v.Version);
    }

    /// <summary>Writes an edit of a model. Returns null if another writer was first.</summary>
    public async Task<ModelState?> CommitAsync(ModelState state, ModelEdit edit, CancellationToken cancellationToken)
    {
        var id = state.Model.Id;
        var row = RowOf(ModelKey(id), edit.Model);
        var result = await Rows.CommitAsync(
            [
                edit.Model.DeletedAt is null ? RowChange.Replace(row, state.ETag) : RowChange.Delete(row, state.ETag),
                .. edit.Versions.Select(v => RowChange.Put(RowOf(VersionKey(id, v.Version), v))),
                .. edit.Audit.Select(entry => Audit(id, entry)),
                .. edit.Rows,
            ],
            cancellationToken
        );
        if (!result.IsCommitted)
        {
            return null;
        }

        if (edit.Model.Name != state.Model.Name || edit.Model.DeletedAt is not null)
        {
            Memory.Forget(state.Model.Name);
        }

        var after = state.After(edit, row.ETag);
        return edit.Model.DeletedAt is null ? Memory.Keep(after) : after;
    }

    public RowChange Audit(string id, AuditEntry entry) =>
        RowChange.Insert(RowOf(Keys.Join("a", id, Keys.NewestFirst(entry.Time), Ids.NewId()), entry));

    internal sealed record NameRecord(string Id);
}
