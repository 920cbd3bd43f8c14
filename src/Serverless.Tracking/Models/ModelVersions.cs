namespace Serverless.Tracking;

/// <summary>Versions of registered models.</summary>
public sealed class ModelVersions
{
    private readonly ModelWriter writer;
    private readonly StageTransitions transitions;

    internal ModelVersions(ModelWriter writer)
    {
        this.writer = writer;
        transitions = new StageTransitions(writer);
    }

    /// <summary>The model of the version, and the version itself.</summary>
    public async Task<(ModelState Model, ModelVersion Version)> GetAsync(string name, int version, CancellationToken cancellationToken = default) =>
        Found(await writer.Table.FindAsync(name, cancellationToken).ConfigureAwait(false), name, version);

    public async Task<(ModelState Model, ModelVersion Version)> GetByAliasAsync(string name, string alias, CancellationToken cancellationToken = default) =>
        await writer.Table.FindAsync(name, cancellationToken).ConfigureAwait(false) is { } state && state.Model.Aliases.TryGetValue(alias, out var version)
            ? Found(state, name, version)
            : throw ServerlessException.Invalid($"Registered model alias {alias} not found.");

    public async Task<(ModelState Model, ModelVersion Version)> CreateAsync(CreateVersionRequest request, Actor actor, CancellationToken cancellationToken = default)
    {
        var location = request.Location ?? await new ModelUris(writer.Table).ResolveAsync(request.Source, cancellationToken).ConfigureAwait(false);
        ModelVersion? made = null;
        var state = await writer.UpdateAsync(
            request.Name,
            there =>
            {
                var model = there?.Model ?? throw ModelErrors.ModelNotFound(request.Name);
                var now = writer.Now;
                made = new ModelVersion
                {
                    Name = request.Name,
                    Version = model.LastVersion + 1,
                    Source = request.Source,
                    Location = location,
                    ModelId = request.ModelId,
                    RunId = request.RunId,
                    RunLink = request.RunLink,
                    Description = request.Description,
                    Tags = request.Tags,
                    CreatedBy = actor.Name,
                    CreatedAt = now,
                    UpdatedAt = now,
                };
                return new ModelEdit(model with { LastVersion = made.Version, UpdatedAt = now })
                {
                    Versions = [made],
                    Audit = [new AuditEntry(now, actor.Name, "register", made.Version, Why: AuditEntry.Shown("", request.Description))],
                };
            },
            cancellationToken).ConfigureAwait(false);
        return (state, made!);
    }

    public Task<(ModelState Model, ModelVersion Version)> DescribeAsync(
        string name, int version, string? description, Actor actor, CancellationToken cancellationToken = default) =>
        ChangeAsync(
            name,
            version,
            v => v with { Description = description, UpdatedAt = writer.Now },
            v => new AuditEntry(writer.Now, actor.Name, "describe", version, AuditEntry.Shown("", v.Description), AuditEntry.Shown("", description)),
            cancellationToken);

    public Task SetTagAsync(string name, int version, string key, string value, Actor actor, CancellationToken cancellationToken = default) => ChangeAsync(
        name,
        version,
        v => v with { Tags = new Dictionary<string, string>(v.Tags) { [key] = value } },
        v => new AuditEntry(
            writer.Now, actor.Name, "set tag", version, AuditEntry.Shown(key, v.Tags.GetValueOrDefault(key)), AuditEntry.Shown(key, value), What: key),
        cancellationToken);

    public Task DeleteTagAsync(string name, int version, string key, Actor actor, CancellationToken cancellationToken = default) => ChangeAsync(
        name,
        version,
        v => v.Tags.ContainsKey(key) ? v with { Tags = new Dictionary<string, string>(v.Tags.Where(t => t.Key != key)) } : v,
        v => new AuditEntry(writer.Now, actor.Name, "delete tag", version, AuditEntry.Shown(key, v.Tags.GetValueOrDefault(key)), What: key),
        cancellationToken);

    /// <summary>Softly, and with its aliases: an alias that leads nowhere would only fail later, when a model is loaded.</summary>
    public Task DeleteAsync(string name, int version, Actor actor, CancellationToken cancellationToken = default) => writer.UpdateAsync(
        name,
        state =>
        {
            var (there, own) = Found(state, name, version);
            var now = writer.Now;
            var aliases = there.AliasesOf(version).ToList();
            return new ModelEdit(there.Model with
            {
                UpdatedAt = now,
                Aliases = aliases.Count == 0 ? there.Model.Aliases : new Dictionary<string, int>(there.Model.Aliases.Where(a => a.Value != version)),
            })
            {
                Versions = [own with { DeletedAt = now, UpdatedAt = now }],
                Audit = [new AuditEntry(now, actor.Name, "delete", version, own.Stage.ToString(), What: aliases.Count == 0 ? null : "aliases " + string.Join(", ", aliases))],
            };
        },
        cancellationToken);

    public async Task<(ModelState Model, ModelVersion Version)> TransitionAsync(TransitionRequest request, CancellationToken cancellationToken = default) =>
        Found(await transitions.MoveAsync(request, cancellationToken).ConfigureAwait(false), request.Name, request.Version);

    private async Task<(ModelState Model, ModelVersion Version)> ChangeAsync(
        string name, int version, Func<ModelVersion, ModelVersion> change, Func<ModelVersion, AuditEntry> audit, CancellationToken cancellationToken)
    {
        var state = await writer.UpdateAsync(
            name,
            there =>
            {
                var (model, own) = Found(there, name, version);
                var changed = change(own);
                return ReferenceEquals(changed, own) ? ModelEdit.None(model) : new ModelEdit(model.Model) { Versions = [changed], Audit = [audit(own)] };
            },
            cancellationToken).ConfigureAwait(false);
        return Found(state, name, version);
    }

    private static (ModelState Model, ModelVersion Version) Found(ModelState? state, string name, int version) =>
        state?.Find(version) is { } found ? (state, found) : throw ModelErrors.VersionNotFound(name, version);
}
