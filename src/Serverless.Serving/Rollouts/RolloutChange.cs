using System.Globalization;
using System.Text.Json;
using Serverless.Tracking.Alerts;
using Serverless.Tracking.Models;

namespace Serverless.Serving.Rollouts;

/// <summary>A change of a rollout, with everything in the same transaction.</summary>
/// <param name="Event">Its name in alerts and history, such as `rollout.started`.</param>
/// <param name="From">The old value in the history.</param>
/// <param name="To">The new value in the history.</param>
internal sealed record RolloutChange(Rollout Next, string Event, string From, string To, string? Why)
{
    public IReadOnlyList<StageMove> Moves { get; init; } = [];

    /// <summary>The actor whose permission to promote is checked if the model is guarded.</summary>
    public Actor? Actor { get; init; }
}

/// <summary>Writes changes of rollouts: the rollout, the traffic split, stages, history and alerts in one transaction.</summary>
internal sealed class RolloutWriter(RolloutStore store, AlertOutbox outbox, string workspace, TimeProvider time)
{
    public DateTimeOffset Now => time.GetUtcNow();

    /// <param name="model">The model's name.</param>
    /// <param name="by">The actor, for the history.</param>
    /// <param name="decide">Returns the change for the open rollout. Null if there is nothing to do. May be called several times.</param>
    /// <param name="cancellationToken">Cancels before the transaction.</param>
    /// <returns>The rollout as written. Null if there was nothing to do.</returns>
    public async Task<Rollout?> ChangeAsync(
        string model,
        string by,
        Func<ModelState, Rollout?, RolloutChange?> decide,
        CancellationToken cancellationToken
    )
    {
        RolloutChange? change = null;
        await store.Records.ChangeAsync(
            model,
            async state =>
            {
                var open = await store.FindOpenAsync(state.Model.Id, cancellationToken);
                change = decide(state, open);
                return change is null ? null : ToModelChange(change, by, open is not null);
            },
            cancellationToken
        );
        return change?.Next;
    }

    private ModelChange ToModelChange(RolloutChange change, string by, bool wasOpen)
    {
        var next = change.Next;
        var plan = next.Plan;
        var split = next is { State: RolloutState.Running or RolloutState.Paused, Champion: { } champion }
            ? new TrafficSplit(next.Id, next.Step, champion, next.Challenger, next.Traffic, plan.Breaker.ErrorRate, plan.Breaker.Last)
            : null;
        var alert = AlertOf(change, by);
        return new ModelChange(by, split)
        {
            Actor = change.Actor,
            Moves = change.Moves,
            Audit = [new AuditEntry(Now, by, change.Event, next.Challenger, change.From, change.To, change.Why)],
            Rows = [.. store.Changes(next, wasOpen), .. outbox.Changes(alert, next.Alerts)],
        };
    }

    private Alert AlertOf(RolloutChange change, string by)
    {
        var next = change.Next;
        var to = string.Create(CultureInfo.InvariantCulture, $"version {next.Challenger}");
        var from = next.Champion is { } champion ? string.Create(CultureInfo.InvariantCulture, $"version {champion}") : "no version";
        var (what, source, target) = change.Event switch
        {
            RolloutEvents.RolledBack => ($"{next.Model} {to} was rolled back from {change.From} of the traffic to {from}", to, from),
            RolloutEvents.Promoted => ($"{next.Model} {to} replaced {from} in Production", from, to),
            RolloutEvents.Reverted => ($"{next.Model} was reverted from {to} to {from}", to, from),
            RolloutEvents.WaitsForApproval => (
                $"{next.Model} {to} is waiting for approval by role {next.Approval?.Role} until {next.ApprovalDeadline:yyyy-MM-dd HH:mm} "
                    + $"UTC, to replace {from}",
                from,
                to
            ),
            RolloutEvents.Aborted => (
                $"{next.Model}: the rollout of {to} ended at {change.From} of the traffic; {from} takes all traffic",
                to,
                from
            ),
            RolloutEvents.Paused => ($"{next.Model}: the rollout of {to} is paused at {change.From} of the traffic", from, to),
            _ => ($"{next.Model}: {to} moved from {change.From} to {change.To} of the traffic of {from}", from, to),
        };
        return new Alert
        {
            // A change always produces the same alert, however often it is computed.
            Id = string.Create(CultureInfo.InvariantCulture, $"{next.Id}-{change.Event}-{next.Step}-{Now.ToUnixTimeMilliseconds()}"),
            Time = Now,
            Event = change.Event,
            Workspace = workspace,
            Model = next.Model,
            Text = change.Why is null ? what + "." : $"{what}: {change.Why}.",
            Why = change.Why,
            From = source,
            To = target,
            By = by,
            Details = JsonSerializer.SerializeToElement(
                new
                {
                    Rollout = next.Id,
                    next.State,
                    next.Step,
                    next.Traffic,
                    ChampionVersion = next.Champion,
                    ChallengerVersion = next.Challenger,
                    next.Look?.Tests,
                },
                Alert.Json
            ),
        };
    }
}

/// <summary>The names of rollout changes in history and alerts.</summary>
public static class RolloutEvents
{
    public const string WaitsForApproval = "rollout.waits_for_approval";
    public const string Started = "rollout.started";
    public const string NextStep = "rollout.step";
    public const string Paused = "rollout.paused";
    public const string Resumed = "rollout.resumed";
    public const string Promoted = "rollout.promoted";
    public const string RolledBack = "rollout.rolled_back";
    public const string Aborted = "rollout.aborted";

    /// <summary>A version in Production was replaced by its predecessor.</summary>
    public const string Reverted = "rollout.reverted";
}
