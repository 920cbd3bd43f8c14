using Serverless.Automation.Policies.Document;
using Serverless.Core;
using Serverless.Storage;
using Serverless.Storage.Tables;

namespace Serverless.Automation.Policies.Records;

/// <summary>Stores policies with their revisions, states and decisions.</summary>
public sealed class PolicyStore
{
    /// <summary>The maximum number of lines in a model's decision log. Older lines are deleted.</summary>
    public const int KeptDecisions = 500;

    private const int TrimEvery = 50;
    private readonly TimeProvider time;
    private readonly PolicyKeys keys;

    public PolicyStore(Store store, TimeProvider time)
    {
        Store = store;
        this.time = time;
        keys = new PolicyKeys(store.Workspace);
    }

    internal Store Store { get; }

    internal string Partition => keys.Partition;

    internal Table Table => Store.Policies;

    /// <summary>The states of all models.</summary>
    public async Task<IReadOnlyList<PolicyState>> ListAsync(CancellationToken cancellationToken = default)
    {
        var states = new List<PolicyState>();
        await foreach (var row in Table.QueryAsync(Partition, PolicyKeys.States, cancellationToken))
        {
            states.Add(row.Read<PolicyState>());
        }

        return states;
    }

    /// <returns>Null if the model has no policy.</returns>
    public async Task<PolicyState?> FindAsync(string model, CancellationToken cancellationToken = default) =>
        (await Table.GetAsync(Partition, PolicyKeys.State(model), cancellationToken))?.Read<PolicyState>();

    public async Task<PolicyState> GetAsync(string model, CancellationToken cancellationToken = default) =>
        await FindAsync(model, cancellationToken) ?? throw await NoPolicyAsync(model, cancellationToken);

    /// <summary>Lists the revisions, newest first.</summary>
    public async Task<IReadOnlyList<PolicyRevision>> ListRevisionsAsync(string model, CancellationToken cancellationToken = default)
    {
        var revisions = new List<PolicyRevision>();
        await foreach (var row in Table.QueryAsync(Partition, PolicyKeys.Revisions(model), cancellationToken))
        {
            revisions.Add(row.Read<PolicyRevision>());
        }

        return revisions;
    }

    public async Task<PolicyRevision> GetRevisionAsync(string model, int revision, CancellationToken cancellationToken = default) =>
        (await Table.GetAsync(Partition, PolicyKeys.Revision(model, revision), cancellationToken))?.Read<PolicyRevision>()
        ?? throw ServerlessException.NotFound(
            $"The policy of '{model}' has no revision {revision}.",
            "List the revisions with `mlops policy history MODEL`."
        );

    /// <summary>Activates a revision. Repeating the same revision changes nothing.</summary>
    /// <returns>The revision, and whether it is new.</returns>
    public async Task<(PolicyRevision Revision, bool IsNew)> ApplyAsync(
        PolicyRevision draft,
        IEnumerable<string> timedTriggers,
        CancellationToken cancellationToken = default
    )
    {
        while (true)
        {
            var row = await Table.GetAsync(Partition, PolicyKeys.State(draft.Model), cancellationToken);
            var state = row?.Read<PolicyState>();
            if (
                state is not null
                && await GetRevisionAsync(draft.Model, state.Revision, cancellationToken) is var there
                && there.Digest == draft.Digest
            )
            {
                return (there, false);
            }

            var next = draft with { Revision = (state?.Revision ?? 0) + 1, AppliedAt = time.GetUtcNow() };
            // Times that were due before the policy was active are not made up for.
            var slots = timedTriggers.ToDictionary(
                name => name,
                name => state?.Slots.GetValueOrDefault(name) is { Ticks: > 0 } kept ? kept : next.AppliedAt
            );
            var changed = (state ?? new PolicyState { Model = draft.Model, Revision = 0 }) with { Revision = next.Revision, Slots = slots };
            var stateRow = Row.Of(Partition, PolicyKeys.State(draft.Model), changed);
            var committed = await Table.CommitAsync(
                [
                    RowChange.Insert(Row.Of(Partition, PolicyKeys.Revision(draft.Model, next.Revision), next)),
                    row is null ? RowChange.Insert(stateRow) : RowChange.Replace(stateRow, row.ETag),
                ],
                cancellationToken
            );
            if (committed.IsCommitted)
            {
                return (next, true);
            }
        }
    }

    /// <summary>Lists the decision log, newest first.</summary>
    public async Task<IReadOnlyList<Decision>> ListDecisionsAsync(
        string model,
        int count = 50,
        CancellationToken cancellationToken = default
    )
    {
        var decisions = new List<Decision>();
        await foreach (var row in Table.QueryAsync(Partition, PolicyKeys.Decisions(model), cancellationToken))
        {
            if (decisions.Count == count)
            {
                break;
            }

            decisions.Add(row.Read<Decision>() with { Number = PolicyKeys.NumberOf(row.RowKey) });
        }

        return decisions;
    }

    public async Task<AnsweredEvent?> FindEventAsync(string model, string key, CancellationToken cancellationToken = default) =>
        (await Table.GetAsync(Partition, PolicyKeys.Event(model, key), cancellationToken))?.Read<AnsweredEvent>();

    public Task<PolicyState> PauseAsync(string model, string by, string? reason, CancellationToken cancellationToken = default) =>
        ChangeAsync(
            model,
            s => new PolicyChange(s.Paused is null ? s with { Paused = new PauseRecord(by, time.GetUtcNow(), reason) } : s),
            cancellationToken
        );

    public Task<PolicyState> ResumeAsync(string model, CancellationToken cancellationToken = default) =>
        ChangeAsync(model, s => new PolicyChange(s with { Paused = null }), cancellationToken);

    /// <summary>
    /// Changes the state of a model together with its processed events and log lines in one transaction. If another host was faster, the
    /// change is computed again on the new state.
    /// </summary>
    internal Task<PolicyState> ChangeAsync(string model, Func<PolicyState, PolicyChange> change, CancellationToken cancellationToken) =>
        ChangeAsync(model, (state, _) => Task.FromResult(change(state)), cancellationToken);

    internal async Task<PolicyState> ChangeAsync(
        string model,
        Func<PolicyState, CancellationToken, Task<PolicyChange>> change,
        CancellationToken cancellationToken
    )
    {
        while (true)
        {
            var row =
                await Table.GetAsync(Partition, PolicyKeys.State(model), cancellationToken)
                ?? throw await NoPolicyAsync(model, cancellationToken);
            var before = row.Read<PolicyState>();
            var wanted = await change(before, cancellationToken);
            if (ReferenceEquals(wanted.State, before) && wanted.Answered.Count == 0 && wanted.Decisions.Count == 0)
            {
                return before;
            }

            var (state, changes) = await LogAsync(wanted, cancellationToken);
            changes.AddRange(wanted.Answered.Select(e => RowChange.Insert(Row.Of(Partition, PolicyKeys.Event(model, e.EventKey), e))));
            changes.Add(RowChange.Replace(Row.Of(Partition, PolicyKeys.State(model), state), row.ETag));
            if ((await Table.CommitAsync(changes, cancellationToken)).IsCommitted)
            {
                if (state.Decisions / TrimEvery > before.Decisions / TrimEvery)
                {
                    await TrimAsync(model, cancellationToken);
                }

                return state;
            }
        }
    }

    /// <summary>Counts a repeated finding of a trigger instead of writing it again.</summary>
    private async Task<(PolicyState State, List<RowChange> Changes)> LogAsync(PolicyChange wanted, CancellationToken cancellationToken)
    {
        var state = wanted.State;
        var changes = new List<RowChange>();
        var last = new Dictionary<string, LastDecision>(state.Last);
        foreach (var decision in wanted.Decisions)
        {
            var digest = PolicyReader.DigestOf(
                decision.Sameness ?? $"{decision.Outcome}|{decision.LookedAt}|{decision.Why}|{decision.RunId}"
            );
            if (
                last.TryGetValue(decision.Trigger, out var same)
                && same.Digest == digest
                && await Table.GetAsync(Partition, same.RowKey, cancellationToken) is { } there
            )
            {
                var counted = there.Read<Decision>();
                changes.Add(
                    RowChange.Replace(
                        Row.Of(Partition, same.RowKey, counted with { Times = counted.Times + 1, LastTime = decision.Time }),
                        there.ETag
                    )
                );
                continue;
            }

            var key = PolicyKeys.Decision(state.Model, state.Decisions);
            state = state with { Decisions = state.Decisions + 1 };
            last[decision.Trigger] = new LastDecision(key, digest);
            changes.Add(RowChange.Insert(Row.Of(Partition, key, decision)));
        }

        return (state with { Last = last }, changes);
    }

    private async Task TrimAsync(string model, CancellationToken cancellationToken)
    {
        var old = new List<RowChange>();
        var seen = 0;
        await foreach (var row in Table.QueryAsync(Partition, PolicyKeys.Decisions(model), cancellationToken))
        {
            if (++seen > KeptDecisions)
            {
                old.Add(RowChange.Delete(row));
            }
        }

        foreach (var piece in old.Chunk(Table.MaxChanges))
        {
            await Table.CommitAsync(piece, cancellationToken);
        }
    }

    private async Task<ServerlessException> NoPolicyAsync(string model, CancellationToken cancellationToken)
    {
        var models = (await ListAsync(cancellationToken)).Select(s => s.Model).ToList();
        return ServerlessException.NotFound(
            $"The model '{model}' has no policy.",
            NearestName.Find(model, models) is { } near ? $"Did you mean '{near}'?" : "Activate one with `mlops policy apply FILE`."
        );
    }
}

/// <summary>A change of a model's state, with its events and log lines.</summary>
internal sealed record PolicyChange(PolicyState State)
{
    /// <summary>Events that it processes, each for the first time.</summary>
    public IReadOnlyList<AnsweredEvent> Answered { get; init; } = [];

    public IReadOnlyList<Decision> Decisions { get; init; } = [];
}
