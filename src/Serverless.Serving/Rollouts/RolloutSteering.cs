using System.Globalization;
using Serverless.Core;
using Serverless.Tracking.Models;
using Serverless.Tracking.Roles;

namespace Serverless.Serving.Rollouts;

/// <summary>Manual control of a model's open rollout. Each action is one transaction, with the actor in the model's history.</summary>
public sealed class RolloutSteering
{
    private readonly RolloutStore store;
    private readonly RolloutWriter writer;
    private readonly RoleDirectory roles;

    internal RolloutSteering(RolloutStore store, RolloutWriter writer, RoleDirectory roles)
    {
        this.store = store;
        this.writer = writer;
        this.roles = roles;
    }

    /// <summary>Approves or rejects a rollout that is waiting for approval, as a member of the role.</summary>
    public async Task<Rollout> ApproveAsync(
        string model,
        Actor actor,
        string? role,
        bool isYes,
        string? why,
        CancellationToken cancellationToken = default
    )
    {
        var state = await store.GetModelAsync(model, cancellationToken);
        if (
            await store.FindOpenAsync(state.Model.Id, cancellationToken) is
            { State: RolloutState.WaitingForApproval, Approval: { } approval }
        )
        {
            await roles.RequireAsync(approval.Role, role, actor.Name, $"The rollout of '{model}'", cancellationToken);
        }

        return await ChangeAsync(model, actor, (there, rollout) => Answer(there, rollout, actor, role, isYes, why), cancellationToken);
    }

    /// <summary>Pauses the rollout at its step. The tests and the breaker stay active.</summary>
    public Task<Rollout> PauseAsync(string model, Actor actor, string? why, CancellationToken cancellationToken = default) =>
        ChangeAsync(
            model,
            actor,
            (_, rollout) =>
                rollout.State switch
                {
                    RolloutState.Paused => null,
                    RolloutState.Running => new RolloutChange(
                        rollout with
                        {
                            State = RolloutState.Paused,
                            PausedAt = writer.Now,
                            Reason = why,
                        },
                        RolloutEvents.Paused,
                        RolloutStore.Percent(rollout.Traffic),
                        RolloutStore.Percent(rollout.Traffic),
                        why
                    ),
                    _ => throw Wrong(rollout, "is not running"),
                },
            cancellationToken
        );

    /// <summary>Resumes the rollout. The step bakes for its remaining time.</summary>
    public Task<Rollout> ResumeAsync(string model, Actor actor, string? why, CancellationToken cancellationToken = default) =>
        ChangeAsync(
            model,
            actor,
            (state, rollout) =>
                Allowed(state, rollout, actor).State switch
                {
                    RolloutState.Running => null,
                    RolloutState.Paused => new RolloutChange(
                        rollout with
                        {
                            State = RolloutState.Running,
                            PausedAt = null,
                            Reason = null,
                            StepStartedAt = rollout.StepStartedAt + (writer.Now - rollout.PausedAt!.Value),
                        },
                        RolloutEvents.Resumed,
                        RolloutStore.Percent(rollout.Traffic),
                        RolloutStore.Percent(rollout.Traffic),
                        why
                    ),
                    _ => throw Wrong(rollout, "is not paused"),
                },
            cancellationToken
        );

    /// <summary>Aborts the rollout. The champion takes all traffic again, and the challenger keeps its stage.</summary>
    public Task<Rollout> AbortAsync(string model, Actor actor, string? why, CancellationToken cancellationToken = default) =>
        ChangeAsync(
            model,
            actor,
            (_, rollout) => RolloutTransitions.Abort(rollout, why ?? $"aborted by {actor.Name}", writer.Now),
            cancellationToken
        );

    /// <summary>Promotes the challenger to Production now, at any step.</summary>
    public Task<Rollout> PromoteAsync(string model, Actor actor, string? why, CancellationToken cancellationToken = default) =>
        ChangeAsync(
            model,
            actor,
            (_, rollout) =>
                rollout.State == RolloutState.WaitingForApproval
                    ? throw Wrong(rollout, "is waiting for approval and has no traffic")
                    : RolloutTransitions.Promote(rollout, why ?? $"promoted manually by {actor.Name}", writer.Now, actor),
            cancellationToken
        );

    /// <summary>
    /// Rolls back the challenger. If the rollout is over and its version is in Production, restores the previous version.
    /// </summary>
    public async Task<Rollout> RollBackAsync(string model, Actor actor, string? why, CancellationToken cancellationToken = default)
    {
        var reason = why ?? $"rolled back by {actor.Name}";
        var history = await store.ListAsync(model, cancellationToken);
        var changed = await writer.ChangeAsync(
            model,
            actor.Name,
            (state, open) =>
                open is not null ? RolloutTransitions.RollBack(open, reason, writer.Now) : Revert(state, history, actor, reason),
            cancellationToken
        );
        return changed!;
    }

    private RolloutChange Answer(ModelState state, Rollout rollout, Actor actor, string? role, bool isYes, string? why)
    {
        if (rollout.State != RolloutState.WaitingForApproval)
        {
            throw Wrong(rollout, "is not waiting for approval");
        }

        if (role != rollout.Approval!.Role)
        {
            throw Wrong(rollout, "is now waiting for another role");
        }

        if (writer.Now >= rollout.ApprovalDeadline)
        {
            return RolloutTransitions.Abort(
                rollout,
                $"no member of role {role} approved it within {rollout.Approval.Deadline}",
                writer.Now
            );
        }

        var said = $"{actor.Name} ({role}) {(isYes ? "approved" : "rejected")} it{(why is null ? "" : ": " + why)}";
        return isYes
            ? RolloutTransitions.Begin(
                rollout with
                {
                    ApprovedBy = actor.Name,
                    Why = rollout.Why is null ? said : $"{rollout.Why} {said}",
                },
                state,
                writer.Now,
                new Actor(rollout.By, rollout.Pipeline)
            )
            : RolloutTransitions.Abort(rollout, said, writer.Now);
    }

    private RolloutChange Revert(ModelState state, IReadOnlyList<Rollout> history, Actor actor, string why)
    {
        var model = state.Model.Name;
        var current = state.Latest(Stage.Production);
        var last = history.FirstOrDefault(r => r.State == RolloutState.Promoted && r.Challenger == current?.Version);
        if (current is not null && last?.Champion is { } gone && state.Find(gone) is null)
        {
            throw new ServerlessException(
                ErrorCodes.InvalidState,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"Version {current.Version} of '{model}' took the place of version {gone}, which was deleted since: there is "
                        + $"nothing to go back to."
                ),
                $"Restore version {gone} if it is still in the trash (`mlops models trash`), or move another version to Production.",
                409
            );
        }

        if (current is null || last?.Champion is not { } before)
        {
            throw new ServerlessException(
                ErrorCodes.InvalidState,
                $"'{model}' has no open rollout, and its version in Production did not replace another one in a rollout.",
                "To serve another version, move it to Production.",
                409
            );
        }

        return new RolloutChange(
            last with
            {
                State = RolloutState.RolledBack,
                EndedAt = writer.Now,
                Reason = why,
            },
            RolloutEvents.Reverted,
            string.Create(CultureInfo.InvariantCulture, $"version {current.Version}"),
            string.Create(CultureInfo.InvariantCulture, $"version {before}"),
            why
        )
        {
            Actor = actor,
            Moves = [new StageMove(before, Stage.Production, why), new StageMove(current.Version, Stage.Archived, why)],
        };
    }

    private async Task<Rollout> ChangeAsync(
        string model,
        Actor actor,
        Func<ModelState, Rollout, RolloutChange?> decide,
        CancellationToken cancellationToken
    )
    {
        Rollout? there = null;
        var changed = await writer.ChangeAsync(
            model,
            actor.Name,
            (state, open) =>
            {
                there =
                    open
                    ?? throw new ServerlessException(
                        ErrorCodes.InvalidState,
                        $"'{model}' has no open rollout.",
                        $"Show the last rollout with `mlops rollout show {model}`.",
                        409
                    );
                return decide(state, open);
            },
            cancellationToken
        );
        return changed ?? there!;
    }

    /// <summary>On a guarded model, anyone may stop a rollout, but only those who may promote can continue it.</summary>
    private static Rollout Allowed(ModelState state, Rollout rollout, Actor actor)
    {
        ModelRecords.RequireMayPromote(state, rollout.Challenger, actor);
        return rollout;
    }

    private static ServerlessException Wrong(Rollout rollout, string what) =>
        new(
            ErrorCodes.InvalidState,
            $"The rollout of '{rollout.Model}' {what}: it is {rollout.State}.",
            $"Show its state with `mlops rollout show {rollout.Model}`.",
            409
        );
}
