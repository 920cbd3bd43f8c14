using System.Globalization;
using Serverless.Core;
using Serverless.Storage;
using Serverless.Storage.Content;
using Serverless.Storage.Tables;

namespace Serverless.Tracking.Models;

/// <summary>The model registry of a workspace. <see cref="ModelTable"/> describes its storage.</summary>
public sealed class ModelRegistry : IModelRegistry
{
    private readonly Store store;
    private readonly ModelTable table;
    private readonly ModelWriter writer;

    public ModelRegistry(Store store, TimeProvider time)
    {
        this.store = store;
        table = new ModelTable(store);
        writer = new ModelWriter(table, time);
        Models = new RegisteredModels(writer);
        Versions = new ModelVersions(writer);
        Search = new ModelSearch(table);
        Trash = new ModelTrash(writer);
        Records = new ModelRecords(writer);
    }

    /// <summary>Gets the function that downloads a version that was registered by source. The host knows where artifacts are.</summary>
    public Func<ModelVersion, string, CancellationToken, Task>? BySource { get; set; }

    public RegisteredModels Models { get; }

    public ModelVersions Versions { get; }

    public ModelSearch Search { get; }

    public ModelTrash Trash { get; }

    public ModelRecords Records { get; }

    public async Task<IReadOnlyList<RegisteredModel>> ListAsync(CancellationToken cancellationToken = default) =>
        [.. (await table.ListAsync(cancellationToken)).Select(s => s.Model).OrderBy(m => m.Name, StringComparer.Ordinal)];

    /// <summary>Returns all versions, newest first.</summary>
    public async Task<IReadOnlyList<ModelVersion>> ListVersionsAsync(string name, CancellationToken cancellationToken = default) =>
        [.. (await table.FindAsync(name, cancellationToken))?.Versions.Reverse() ?? []];

    /// <summary>Returns every change of a model, newest first. Also works for a deleted model until another one takes its name.</summary>
    public async Task<IReadOnlyList<AuditEntry>> ListAuditAsync(string name, CancellationToken cancellationToken = default)
    {
        var id =
            await table.ResolveAsync(name, cancellationToken)
            ?? (await Trash.ListAsync(cancellationToken)).FirstOrDefault(m => m.Name == name)?.Id;
        var entries = new List<AuditEntry>();
        if (id is not null)
        {
            await foreach (var row in table.ListAsync(Keys.Join("a", id, ""), cancellationToken))
            {
                entries.Add(row.Read<AuditEntry>());
            }
        }

        return entries;
    }

    public async Task<ModelVersion?> FindVersionAsync(string name, int version, CancellationToken cancellationToken = default) =>
        (await table.FindAsync(name, cancellationToken))?.Find(version);

    public async Task<ModelVersion?> FindByDigestAsync(string name, string digest, CancellationToken cancellationToken = default) =>
        (await ListVersionsAsync(name, cancellationToken)).FirstOrDefault(v => v.Digest == digest);

    public async Task<ModelVersion?> GetLatestAsync(string name, Stage stage, CancellationToken cancellationToken = default) =>
        (await table.FindAsync(name, cancellationToken))?.Latest(stage);

    public async Task<ModelVersion> RegisterAsync(RegisterRequest request, CancellationToken cancellationToken = default)
    {
        ModelNames.CheckForUri(request.Name);
        var content = await store.Content.PutAsync(request.ModelDirectory, cancellationToken);
        var card = Path.Combine(request.ModelDirectory, "README.md");
        var cardDigest = File.Exists(card) ? (await store.Content.PutAsync(card, cancellationToken)).Digest : null;
        var actor = new Actor(request.RunId is null ? "api" : $"run {request.RunId}");
        await EnsureModelAsync(request.Name, actor, cancellationToken);
        var number = 0;
        var state = await writer.UpdateAsync(
            request.Name,
            async there =>
            {
                var model = there?.Model ?? throw ModelErrors.ModelNotFound(request.Name);
                var key = ModelTable.RequestKey(model.Id, request.RequestId);
                var made = await table.GetAsync(key, cancellationToken);
                if (made is not null && there.Find(made.Read<RequestRecord>().Version) is { } before)
                {
                    number = before.Version;
                    return ModelEdit.None(there);
                }

                // A version that was deleted meanwhile is created again under a new number.
                var now = writer.Now;
                number = model.LastVersion + 1;
                var row = table.RowOf(key, new RequestRecord(number));
                return new ModelEdit(model with { LastVersion = number, UpdatedAt = now })
                {
                    Versions =
                    [
                        new ModelVersion
                        {
                            Name = request.Name,
                            Version = number,
                            Digest = content.Digest,
                            Source = $"content:/{content.Digest}",
                            RunId = request.RunId,
                            Description = request.Description,
                            CardDigest = cardDigest,
                            Tags = request.Tags,
                            CreatedBy = actor.Name,
                            CreatedAt = now,
                            UpdatedAt = now,
                        },
                    ],
                    Audit = [new AuditEntry(now, actor.Name, "register", number, Why: request.Description)],
                    Rows = [made is null ? RowChange.Insert(row) : RowChange.Replace(row, made.ETag)],
                };
            },
            cancellationToken
        );
        return state.Find(number) ?? throw ModelErrors.VersionNotFound(request.Name, number);
    }

    public async Task<ModelVersion> TransitionStageAsync(TransitionRequest request, CancellationToken cancellationToken = default) =>
        (await Versions.TransitionAsync(request, cancellationToken)).Version;

    public Task DownloadAsync(ModelVersion version, string directory, CancellationToken cancellationToken = default) =>
        version.Digest.Length > 0 ? store.Content.GetAsync(new ContentRef(version.Digest, 0), directory, cancellationToken)
        : BySource is { } bySource ? bySource(version, directory, cancellationToken)
        : throw ServerlessException.Invalid(
            string.Create(
                CultureInfo.InvariantCulture,
                $"Version {version.Version} of '{version.Name}' is not in the content store: it was registered by its source, "
                    + $"{version.Source}."
            ),
            "Register the model folder with the `register` component."
        );

    private async Task EnsureModelAsync(string name, Actor actor, CancellationToken cancellationToken)
    {
        try
        {
            if (await table.FindAsync(name, cancellationToken) is null)
            {
                await Models.CreateAsync(name, null, new Dictionary<string, string>(), actor, cancellationToken);
            }
        }
        catch (ServerlessException e) when (e.Code == ErrorCodes.ResourceAlreadyExists)
        {
            // Another run created it a moment ago.
        }
    }

    private sealed record RequestRecord(int Version);
}
