using Serverless.Storage.Tables;

namespace Serverless.Tracking.Models;

/// <summary>
/// What other rooms keep beside models, in the registry's partition: so that a rollout, the stages it changes, the history that tells of
/// it and the alerts that have to go out are written together, or not at all. Their row keys begin with `r|`.
/// </summary>
public sealed class ModelRecords
{
    private const string Mark = "r";
    private readonly ModelWriter writer;

    internal ModelRecords(ModelWriter writer) => this.writer = writer;

    public static string Key(params ReadOnlySpan<string> parts) => Keys.Join([Mark, .. parts]);

    public Row RowOf<T>(string key, T record) => writer.Table.RowOf(key, record);

    public Task<Row?> GetAsync(string key, CancellationToken cancellationToken = default) => writer.Table.GetAsync(key, cancellationToken);

    /// <summary>Rows whose key begins with the prefix, in key order.</summary>
    public IAsyncEnumerable<Row> ListAsync(string prefix, CancellationToken cancellationToken = default) =>
        writer.Table.ListAsync(prefix, cancellationToken);

    /// <summary>Writes rows that change no model. All or none.</summary>
    public Task<CommitResult> CommitAsync(IReadOnlyList<RowChange> changes, CancellationToken cancellationToken = default) =>
        writer.Table.Rows.CommitAsync(changes, cancellationToken);

    /// <summary>The model as it is now; null if there is none of that name.</summary>
    public Task<ModelState?> FindAsync(string name, CancellationToken cancellationToken = default) =>
        writer.Table.FindAsync(name, cancellationToken);

    /// <summary>What the model of that id is called now; null if it was deleted.</summary>
    public async Task<string?> NameOfAsync(string modelId, CancellationToken cancellationToken = default) =>
        (await GetAsync(ModelTable.ModelKey(modelId), cancellationToken))?.Read<RegisteredModel>().Name;

    /// <summary>
    /// Changes a model and the rows beside it in one transaction. Every such transaction replaces the model's row against its ETag, so rows
    /// that are read within <paramref name="change"/> and changed only here cannot have changed in between.
    /// </summary>
    /// <param name="name">The model.</param>
    /// <param name="change">What to write for the model as it is; null if there is nothing to do. It may be asked several times.</param>
    /// <param name="cancellationToken">Stops before the transaction.</param>
    public Task<ModelState> ChangeAsync(
        string name,
        Func<ModelState, ValueTask<ModelChange?>> change,
        CancellationToken cancellationToken = default
    ) =>
        writer.UpdateAsync(
            name,
            async there =>
            {
                var state = there ?? throw ModelErrors.ModelNotFound(name);
                if (await change(state) is not { } wanted)
                {
                    return ModelEdit.None(state);
                }

                var now = writer.Now;
                var moves = wanted
                    .Moves.Select(m => (Move: m, Version: state.Find(m.Version) ?? throw ModelErrors.VersionNotFound(name, m.Version)))
                    .Where(m => m.Version.Stage != m.Move.To)
                    .ToList();
                if (wanted.Actor is { } actor && moves.Find(m => m.Move.To == Stage.Production) is { Version: { } promoted })
                {
                    RequireMayPromote(state, promoted.Version, actor);
                }

                return new ModelEdit(state.Model with { Split = wanted.Split, UpdatedAt = now })
                {
                    Versions = [.. moves.Select(m => m.Version with { Stage = m.Move.To, UpdatedAt = now })],
                    Audit =
                    [
                        .. wanted.Audit,
                        .. moves.Select(m => new AuditEntry(
                            now,
                            wanted.By,
                            "transition",
                            m.Move.Version,
                            m.Version.Stage.ToString(),
                            m.Move.To.ToString(),
                            m.Move.Why
                        )),
                    ],
                    Rows = wanted.Rows,
                };
            },
            cancellationToken
        );

    /// <summary>Refuses who may not move a version of a guarded model to Production.</summary>
    public static void RequireMayPromote(ModelState state, int version, Actor actor) =>
        ProductionGuard.Of(state.Model)?.CheckPromotion(state.Model, version, actor);
}

/// <summary>A version that shall stand elsewhere, as a part of a larger change.</summary>
public sealed record StageMove(int Version, Stage To, string? Why);

/// <summary>A change of a model with the rows beside it.</summary>
/// <param name="By">Who, for the history.</param>
/// <param name="Split">How the traffic is shared afterwards; null for not at all.</param>
public sealed record ModelChange(string By, TrafficSplit? Split)
{
    /// <summary>Who answers for a promotion of a guarded model; null if nobody has to.</summary>
    public Actor? Actor { get; init; }

    /// <summary>Each makes an entry of the history.</summary>
    public IReadOnlyList<StageMove> Moves { get; init; } = [];

    public IReadOnlyList<AuditEntry> Audit { get; init; } = [];

    /// <summary>Made by <see cref="ModelRecords.RowOf"/>.</summary>
    public IReadOnlyList<RowChange> Rows { get; init; } = [];
}
