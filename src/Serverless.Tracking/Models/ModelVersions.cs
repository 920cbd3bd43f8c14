using System.Collections.Concurrent;
using Serverless.Core;
using Serverless.Storage.Tables;

namespace Serverless.Tracking.Models;

/// <summary>Manages versions of registered models.</summary>
public sealed class ModelVersions
{
    /// <summary>The time in which another host responds. A client that lost a response waits longer before it retries.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly ModelWriter writer;
    private readonly StageTransitions transitions;

    /// <summary>The requests that this process is handling now. Another request with the same content is separate, not a retry.</summary>
    private readonly ConcurrentDictionary<string, bool> answering = new(StringComparer.Ordinal);

    internal ModelVersions(ModelWriter writer)
    {
        this.writer = writer;
        transitions = new StageTransitions(writer);
    }

    /// <summary>Returns the model and the version.</summary>
    public async Task<(ModelState Model, ModelVersion Version)> GetAsync(
        string name,
        int version,
        CancellationToken cancellationToken = default
    ) => Found(await writer.Table.FindAsync(name, cancellationToken), name, version);

    public async Task<(ModelState Model, ModelVersion Version)> GetByAliasAsync(
        string name,
        string alias,
        CancellationToken cancellationToken = default
    ) =>
        await writer.Table.FindAsync(name, cancellationToken) is { } state && state.Model.Aliases.TryGetValue(alias, out var version)
            ? Found(state, name, version)
            : throw ServerlessException.Invalid($"Registered model alias {alias} not found.");

    public async Task<(ModelState Model, ModelVersion Version)> CreateAsync(
        CreateVersionRequest request,
        Actor actor,
        CancellationToken cancellationToken = default
    )
    {
        try
        {
            return await MakeAsync(request, actor, cancellationToken);
        }
        catch when (request.Unanswered is not null)
        {
            answering.TryRemove(request.Unanswered.Token, out _);
            throw;
        }
    }

    private async Task<(ModelState Model, ModelVersion Version)> MakeAsync(
        CreateVersionRequest request,
        Actor actor,
        CancellationToken cancellationToken
    )
    {
        var location = request.Location ?? await new ModelUris(writer.Table).ResolveAsync(request.Source, cancellationToken);
        ModelVersion? made = null;
        var attempts = 0;
        if (request.Unanswered is { } mine)
        {
            answering[mine.Token] = true;
        }

        var state = await writer.UpdateAsync(
            request.Name,
            async there =>
            {
                var model = there?.Model ?? throw ModelErrors.ModelNotFound(request.Name);
                var now = writer.Now;
                var marker = request.Unanswered is { } again ? await MarkerAsync(there, again, attempts++, cancellationToken) : default;
                if (marker.Answer is { } before)
                {
                    made = before;
                    return ModelEdit.None(there);
                }

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
                    Rows = marker.Write is { } write ? [write(new UnansweredRecord(request.Unanswered!.Token, made.Version, now))] : [],
                };
            },
            cancellationToken
        );
        return (state, made!);
    }

    /// <summary>Records that the response of a request was sent. From now on, the same request creates another version.</summary>
    public async Task AnsweredAsync(ModelState model, UnansweredRequest request)
    {
        try
        {
            if (request.OwnsMarker)
            {
                await writer.Table.Rows.CommitAsync(
                    RowChange.Delete(writer.Table.RowOf(MarkerKey(model, request), "")),
                    CancellationToken.None
                );
            }
        }
        catch (ServerlessException)
        {
            // It counts for at most ten minutes.
        }
        finally
        {
            // Only now: until the marker is removed, the same request must not look like a retry.
            answering.TryRemove(request.Token, out _);
        }
    }

    /// <summary>Records that the response did not arrive and keeps the marker.</summary>
    public void NotAnswered(UnansweredRequest request) => answering.TryRemove(request.Token, out _);

    /// <summary>Gets the marker of an earlier request with the same content, read once on first use.</summary>
    private async ValueTask<(ModelVersion? Answer, Func<UnansweredRecord, RowChange>? Write)> MarkerAsync(
        ModelState there,
        UnansweredRequest request,
        int attempt,
        CancellationToken cancellationToken
    )
    {
        var key = MarkerKey(there, request);
        if (attempt == 0)
        {
            return (null, record => RowChange.Insert(writer.Table.RowOf(key, record)));
        }

        if (await writer.Table.GetAsync(key, cancellationToken) is not { } row)
        {
            return (null, record => RowChange.Insert(writer.Table.RowOf(key, record)));
        }

        var left = row.Read<UnansweredRecord>();
        var age = writer.Now - left.Time;
        if (answering.ContainsKey(left.Token) || age < Patience)
        {
            // This process, or most likely another host, is handling that request: two simultaneous requests get a version each.
            request.OwnsMarker = false;
            return (null, null);
        }

        return age < UnansweredRequest.Lifetime && there.Find(left.Version) is { } made
            ? (made, null)
            : (null, record => RowChange.Replace(writer.Table.RowOf(key, record), row.ETag));
    }

    private static string MarkerKey(ModelState model, UnansweredRequest request) =>
        ModelTable.RequestKey(model.Model.Id, "unanswered " + request.Fingerprint);

    private sealed record UnansweredRecord(string Token, int Version, DateTimeOffset Time);

    public Task<(ModelState Model, ModelVersion Version)> DescribeAsync(
        string name,
        int version,
        string? description,
        Actor actor,
        CancellationToken cancellationToken = default
    ) =>
        ChangeAsync(
            name,
            version,
            v => v with { Description = description, UpdatedAt = writer.Now },
            v => new AuditEntry(
                writer.Now,
                actor.Name,
                "describe",
                version,
                AuditEntry.Shown("", v.Description),
                AuditEntry.Shown("", description)
            ),
            cancellationToken
        );

    public Task SetTagAsync(
        string name,
        int version,
        string key,
        string value,
        Actor actor,
        CancellationToken cancellationToken = default
    ) =>
        ChangeAsync(
            name,
            version,
            v => v with { Tags = new Dictionary<string, string>(v.Tags) { [key] = value } },
            v => new AuditEntry(
                writer.Now,
                actor.Name,
                "set tag",
                version,
                AuditEntry.Shown(key, v.Tags.GetValueOrDefault(key)),
                AuditEntry.Shown(key, value),
                What: key
            ),
            cancellationToken
        );

    public Task DeleteTagAsync(string name, int version, string key, Actor actor, CancellationToken cancellationToken = default) =>
        ChangeAsync(
            name,
            version,
            v => v.Tags.ContainsKey(key) ? v with { Tags = new Dictionary<string, string>(v.Tags.Where(t => t.Key != key)) } : v,
            v => new AuditEntry(
                writer.Now,
                actor.Name,
                "delete tag",
                version,
                AuditEntry.Shown(key, v.Tags.GetValueOrDefault(key)),
                What: key
            ),
            cancellationToken
        );

    /// <summary>Stores the Model Card of a version that was registered without one.</summary>
    public Task KeepCardAsync(string name, int version, string digest, CancellationToken cancellationToken = default) =>
        writer.UpdateAsync(
            name,
            state =>
            {
                var (model, own) = Found(state, name, version);
                return own.CardDigest is not null
                    ? ModelEdit.None(model)
                    : new ModelEdit(model.Model) { Versions = [own with { CardDigest = digest }] };
            },
            cancellationToken
        );

    /// <summary>Deletes a version softly, with its aliases: a dangling alias would only fail later, when a model is loaded.</summary>
    public Task DeleteAsync(string name, int version, Actor actor, CancellationToken cancellationToken = default) =>
        writer.UpdateAsync(
            name,
            state =>
            {
                var (there, own) = Found(state, name, version);
                var now = writer.Now;
                var aliases = there.AliasesOf(version).ToList();
                return new ModelEdit(
                    there.Model with
                    {
                        UpdatedAt = now,
                        Aliases =
                            aliases.Count == 0
                                ? there.Model.Aliases
                                : new Dictionary<string, int>(there.Model.Aliases.Where(a => a.Value != version)),
                    }
                )
                {
                    Versions = [own with { DeletedAt = now, UpdatedAt = now }],
                    Audit =
                    [
                        new AuditEntry(
                            now,
                            actor.Name,
                            "delete",
                            version,
                            own.Stage.ToString(),
                            What: aliases.Count == 0 ? null : "aliases " + string.Join(", ", aliases)
                        ),
                    ],
                };
            },
            cancellationToken
        );

    public async Task<(ModelState Model, ModelVersion Version)> TransitionAsync(
        TransitionRequest request,
        CancellationToken cancellationToken = default
    ) => Found(await transitions.MoveAsync(request, cancellationToken), request.Name, request.Version);

    private async Task<(ModelState Model, ModelVersion Version)> ChangeAsync(
        string name,
        int version,
        Func<ModelVersion, ModelVersion> change,
        Func<ModelVersion, AuditEntry> audit,
        CancellationToken cancellationToken
    )
    {
        var state = await writer.UpdateAsync(
            name,
            there =>
            {
                var (model, own) = Found(there, name, version);
                var changed = change(own);
                return ReferenceEquals(changed, own)
                    ? ModelEdit.None(model)
                    : new ModelEdit(model.Model) { Versions = [changed], Audit = [audit(own)] };
            },
            cancellationToken
        );
        return Found(state, name, version);
    }

    private static (ModelState Model, ModelVersion Version) Found(ModelState? state, string name, int version) =>
        state?.Find(version) is { } found ? (state, found) : throw ModelErrors.VersionNotFound(name, version);
}
