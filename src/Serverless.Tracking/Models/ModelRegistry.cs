using System.Globalization;
using Serverless.Storage;

namespace Serverless.Tracking;

/// <summary>
/// The model registry. A partition a model, so that a version, the archiving of the one before and the line in the audit log are
/// one transaction:
/// <code>
/// {workspace}|{model}   m                     the model: its last version number
///                       v|{version}           a version
///                       q|{request}           which version a request made, so that a repeated one makes none
///                       a|{newest first}|{id} who changed what, when, from, to, why
/// </code>
/// </summary>
public sealed class ModelRegistry(Store store, TimeProvider time) : IModelRegistry
{
    private readonly string names = Keys.Join(store.Workspace, "models");

    public async Task<IReadOnlyList<RegisteredModel>> ListAsync(CancellationToken cancellationToken = default)
    {
        var models = new List<RegisteredModel>();
        await foreach (var row in store.Index.QueryAsync(names, "", cancellationToken).ConfigureAwait(false))
        {
            if (await FindModelAsync(row.Read<ModelName>().Name, cancellationToken).ConfigureAwait(false) is { } model)
            {
                models.Add(model.Read<RegisteredModel>());
            }
        }

        return models;
    }

    /// <summary>All versions, the newest first.</summary>
    public async Task<IReadOnlyList<ModelVersion>> ListVersionsAsync(string name, CancellationToken cancellationToken = default)
    {
        var versions = new List<ModelVersion>();
        await foreach (var row in store.Models.QueryAsync(Partition(name), "v|", cancellationToken).ConfigureAwait(false))
        {
            versions.Add(row.Read<ModelVersion>());
        }

        versions.Reverse();
        return versions;
    }

    /// <summary>Every change of a model, the newest first.</summary>
    public async Task<IReadOnlyList<AuditEntry>> ListAuditAsync(string name, CancellationToken cancellationToken = default)
    {
        var entries = new List<AuditEntry>();
        await foreach (var row in store.Models.QueryAsync(Partition(name), "a|", cancellationToken).ConfigureAwait(false))
        {
            entries.Add(row.Read<AuditEntry>());
        }

        return entries;
    }

    public async Task<ModelVersion?> FindVersionAsync(string name, int version, CancellationToken cancellationToken = default) =>
        (await store.Models.GetAsync(Partition(name), VersionKey(version), cancellationToken).ConfigureAwait(false))?.Read<ModelVersion>();

    public async Task<ModelVersion?> FindByDigestAsync(string name, string digest, CancellationToken cancellationToken = default) =>
        (await ListVersionsAsync(name, cancellationToken).ConfigureAwait(false)).FirstOrDefault(v => v.Digest == digest);

    public async Task<ModelVersion?> GetLatestAsync(string name, Stage stage, CancellationToken cancellationToken = default) =>
        (await ListVersionsAsync(name, cancellationToken).ConfigureAwait(false)).FirstOrDefault(v => v.Stage == stage);

    public async Task<ModelVersion> RegisterAsync(RegisterRequest request, CancellationToken cancellationToken = default)
    {
        ModelNames.Check(request.Name);
        var content = await store.Content.PutAsync(request.ModelDirectory, cancellationToken).ConfigureAwait(false);
        var card = Path.Combine(request.ModelDirectory, "README.md");
        var cardDigest = File.Exists(card) ? (await store.Content.PutAsync(card, cancellationToken).ConfigureAwait(false)).Digest : null;
        await store.Index.CommitAsync(
            RowChange.Put(Row.Of(names, Keys.Join(request.Name), new ModelName(request.Name))), cancellationToken).ConfigureAwait(false);
        var partition = Partition(request.Name);
        while (true)
        {
            if (await store.Models.GetAsync(partition, Keys.Join("q", request.RequestId), cancellationToken).ConfigureAwait(false) is { } made)
            {
                return await FindVersionAsync(request.Name, made.Read<RequestRecord>().Version, cancellationToken).ConfigureAwait(false)
                    ?? throw ServerlessException.NotFound($"Version {made.Read<RequestRecord>().Version} of '{request.Name}' was deleted.");
            }

            var there = await FindModelAsync(request.Name, cancellationToken).ConfigureAwait(false);
            var now = time.GetUtcNow();
            var model = there?.Read<RegisteredModel>() ?? new RegisteredModel(request.Name, 0, now, now);
            model = model with { LastVersion = model.LastVersion + 1, UpdatedAt = now };
            var version = new ModelVersion
            {
                Name = request.Name,
                Version = model.LastVersion,
                Digest = content.Digest,
                Source = $"content:/{content.Digest}",
                RunId = request.RunId,
                Description = request.Description,
                CardDigest = cardDigest,
                Tags = request.Tags,
                CreatedAt = now,
                UpdatedAt = now,
            };
            var row = Row.Of(partition, "m", model);
            var result = await store.Models.CommitAsync(
                [
                    there is null ? RowChange.Insert(row) : RowChange.Replace(row, there.ETag),
                    RowChange.Insert(Row.Of(partition, VersionKey(version.Version), version)),
                    RowChange.Insert(Row.Of(partition, Keys.Join("q", request.RequestId), new RequestRecord(version.Version))),
                    Audit(partition, new AuditEntry(now, request.RunId is null ? "api" : $"run {request.RunId}", "register", version.Version, null, null, request.Description)),
                ],
                cancellationToken).ConfigureAwait(false);
            if (result.IsCommitted)
            {
                return version;
            }
        }
    }

    public async Task<ModelVersion> TransitionStageAsync(TransitionRequest request, CancellationToken cancellationToken = default)
    {
        var partition = Partition(request.Name);
        while (true)
        {
            // Read before the versions and replaced below: two promotions at once must meet on one row, or both would stand in the stage.
            var model = await FindModelAsync(request.Name, cancellationToken).ConfigureAwait(false)
                ?? throw ServerlessException.NotFound($"There is no model '{request.Name}'.", "`mlops models` lists them.");
            var rows = new List<Row>();
            await foreach (var row in store.Models.QueryAsync(partition, "v|", cancellationToken).ConfigureAwait(false))
            {
                rows.Add(row);
            }

            var own = rows.Find(r => r.Read<ModelVersion>().Version == request.Version)
                ?? throw ServerlessException.NotFound($"Model '{request.Name}' has no version {request.Version}.", $"`mlops models {request.Name}` lists its versions.");
            var now = time.GetUtcNow();
            var before = own.Read<ModelVersion>();
            var changed = before with { Stage = request.Stage, UpdatedAt = now };
            var changes = new List<RowChange>();
            if (before.Stage != request.Stage)
            {
                changes.Add(RowChange.Replace(Row.Of(partition, own.RowKey, changed), own.ETag));
                changes.Add(Audit(partition, new AuditEntry(now, request.By, "transition", request.Version, before.Stage, request.Stage, request.Why)));
            }

            if (request.ArchiveExisting)
            {
                var others = rows.Where(r => r != own && r.Read<ModelVersion>().Stage == request.Stage).Take(48);
                foreach (var other in others)
                {
                    var version = other.Read<ModelVersion>();
                    changes.Add(RowChange.Replace(Row.Of(partition, other.RowKey, version with { Stage = Stage.Archived, UpdatedAt = now }), other.ETag));
                    changes.Add(Audit(partition, new AuditEntry(
                        now, request.By, "transition", version.Version, version.Stage, Stage.Archived,
                        string.Create(CultureInfo.InvariantCulture, $"version {request.Version} took its place"))));
                }
            }

            if (changes.Count == 0)
            {
                return before;
            }

            changes.Add(RowChange.Replace(Row.Of(partition, "m", model.Read<RegisteredModel>() with { UpdatedAt = now }), model.ETag));
            if ((await store.Models.CommitAsync(changes, cancellationToken).ConfigureAwait(false)).IsCommitted)
            {
                return changed;
            }
        }
    }

    public Task DownloadAsync(ModelVersion version, string directory, CancellationToken cancellationToken = default) =>
        store.Content.GetAsync(new ContentRef(version.Digest, 0), directory, cancellationToken);

    private static string VersionKey(int version) => Keys.Join("v", version.ToString("D10", CultureInfo.InvariantCulture));

    private static RowChange Audit(string partition, AuditEntry entry) =>
        RowChange.Insert(Row.Of(partition, Keys.Join("a", Keys.NewestFirst(entry.Time), Ids.NewId()), entry));

    private string Partition(string name) => Keys.Join(store.Workspace, name);

    private Task<Row?> FindModelAsync(string name, CancellationToken cancellationToken) => store.Models.GetAsync(Partition(name), "m", cancellationToken);

    private sealed record ModelName(string Name);

    private sealed record RequestRecord(int Version);
}
