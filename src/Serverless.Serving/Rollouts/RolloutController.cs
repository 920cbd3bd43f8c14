using System.Globalization;
using Serverless.Core;
using Serverless.Storage;
using Serverless.Tracking.Alerts;
using Serverless.Tracking.Models;
using Serverless.Tracking.Roles;
using Serverless.Training.Promotion;

namespace Serverless.Serving.Rollouts;

/// <summary>
/// Starts, controls and advances rollouts. Any number of hosts may evaluate the same rollout at the same time: a change is written in one
/// transaction against the state that was evaluated, so each change happens once, and a host that dies leaves no partial change.
/// </summary>
public sealed class RolloutController : IRolloutStarter
{
    /// <summary>The actor in the history for automatic changes.</summary>
    public const string Self = "rollout controller";
    private readonly RolloutWriter writer;

    public RolloutController(ModelRegistry registry, Store store, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(store);
        Rollouts = new RolloutStore(registry, store);
        Outbox = new AlertOutbox(registry, time);
        writer = new RolloutWriter(Rollouts, Outbox, store.Workspace, time);
        Steering = new RolloutSteering(Rollouts, writer, new RoleDirectory(store));
    }

    public RolloutStore Rollouts { get; }

    public AlertOutbox Outbox { get; }

    /// <summary>Provides the losses of labeled predictions. Null if this host has none, so that quality is not tested.</summary>
    public IRolloutLosses? Losses { get; set; }

    /// <summary>Creates the IDs of new rollouts. The ID determines which callers get which version.</summary>
    internal Func<string> NewId { get; init; } = Ids.NewId;

    /// <summary>Manual control of rollouts.</summary>
    public RolloutSteering Steering { get; }

    /// <summary>
    /// Starts a rollout, or returns the open one if it has the same version. Without a version in Production there is nothing to compare
    /// with, so the version is promoted at once.
    /// </summary>
    public async Task<Rollout> StartAsync(RolloutRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (
            request.Plan.Check().Concat(request.Alerts.SelectMany(a => a.Check().Select(c => "alerts." + c))).ToList() is
            { Count: > 0 } found
        )
        {
            throw ServerlessException.Invalid(
                $"The rollout plan is invalid: {string.Join("; ", found)}.",
                "See docs/rollout.md for the keys."
            );
        }

        var id = NewId();
        Rollout? there = null;
        var begun = await writer.ChangeAsync(
            request.Model,
            request.By.Name,
            (state, open) =>
            {
                there = null;
                if (open is not null)
                {
                    there =
                        open.Challenger == request.Version
                            ? open
                            : throw new ServerlessException(
                                ErrorCodes.ResourceConflict,
                                string.Create(
                                    CultureInfo.InvariantCulture,
                                    $"A rollout of {request.Model} version {open.Challenger} is open ({open.State}, step {open.Step} "
                                        + $"of {open.Plan.Steps.Count})."
                                ),
                                $"Wait for it to end, or abort it with `mlops rollout abort {request.Model}`.",
                                409
                            );
                    return null;
                }

                return Begin(request, state, id);
            },
            cancellationToken
        );
        return begun ?? there!;
    }

    async Task<RolloutStart> IRolloutStarter.StartAsync(RolloutRequest request, CancellationToken cancellationToken)
    {
        var rollout = await StartAsync(request, cancellationToken);
        return new RolloutStart(rollout.Id, rollout.State.ToString(), rollout.Traffic, rollout.State == RolloutState.Promoted);
    }

    async Task<bool> IRolloutStarter.ExistsAsync(string model, string id, CancellationToken cancellationToken) =>
        (await Rollouts.ListAsync(model, cancellationToken)).Any(r => r.Id == id);

    /// <summary>Evaluates every open rollout of the workspace and applies the resulting changes.</summary>
    public async Task<IReadOnlyList<Rollout>> LookAsync(DateTimeOffset now, CancellationToken cancellationToken = default)
    {
        var seen = new List<Rollout>();
        foreach (var rollout in await Rollouts.ListOpenAsync(cancellationToken))
        {
            seen.Add(await LookAsync(rollout, now, cancellationToken));
        }

        return seen;
    }

    /// <summary>Evaluates one rollout and applies the resulting change. Changes by another host in the meantime take precedence.</summary>
    public async Task<Rollout> LookAsync(Rollout rollout, DateTimeOffset now, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(rollout);
        if (await Rollouts.FindNameAsync(rollout, cancellationToken) is not { } name)
        {
            return await Rollouts.CloseAsync(
                rollout with
                {
                    State = RolloutState.Aborted,
                    EndedAt = now,
                    Reason = "the model was deleted",
                },
                cancellationToken
            );
        }

        rollout = rollout with { Model = name };
        var look = await SeeAsync(rollout, now, cancellationToken);
        return look.Action == RolloutAction.Wait
            ? rollout with
            {
                Look = look,
            }
            : await writer.ChangeAsync(
                rollout.Model,
                Self,
                (_, open) => IsSame(open, rollout) ? Follow(open! with { Model = name }, look, now) : null,
                cancellationToken
            ) ?? rollout with { Look = look };
    }

    /// <summary>Evaluates a rollout without applying the change.</summary>
    public async Task<RolloutLook> SeeAsync(Rollout rollout, DateTimeOffset now, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(rollout);
        if (await Rollouts.Records.FindAsync(rollout.Model, cancellationToken) is { } state && Overtaken(rollout, state) is { } overtaken)
        {
            return new RolloutLook
            {
                Time = now,
                Step = rollout.Step,
                Action = RolloutAction.Abort,
                Reason = overtaken,
            };
        }

        if (rollout.State == RolloutState.WaitingForApproval)
        {
            var isLate = now >= rollout.ApprovalDeadline;
            return new RolloutLook
            {
                Time = now,
                Step = rollout.Step,
                Action = isLate ? RolloutAction.Abort : RolloutAction.Wait,
                Reason = isLate
                    ? $"no member of role {rollout.Approval!.Role} approved it within {rollout.Approval.Deadline}"
                    : $"waiting for approval by role {rollout.Approval!.Role} until {rollout.ApprovalDeadline:yyyy-MM-dd HH:mm:ss} UTC",
            };
        }

        var counts = await Rollouts.CountsAsync(rollout.Id, cancellationToken);
        if (rollout.Plan.Quality is not null && Losses is { } losses)
        {
            counts = counts.With(await losses.ReadAsync(rollout, now, cancellationToken));
        }

        return RolloutJudge.Look(rollout, counts, now);
    }

    /// <summary>The open rollout of a model, else the last one, with its current test results.</summary>
    public async Task<RolloutView> ShowAsync(string model, CancellationToken cancellationToken = default)
    {
        var rollout = await Rollouts.GetLatestAsync(model, cancellationToken);
        var look = rollout.IsOpen ? await SeeAsync(rollout, writer.Now, cancellationToken) : null;
        return RolloutView.Of(rollout, look, await Rollouts.CountsAsync(rollout.Id, cancellationToken));
    }

    /// <summary>
    /// Rolls the challenger back at once, whatever the test results. Does nothing if it was already rolled back.
    /// </summary>
    public Task<Rollout?> TripAsync(string model, string rolloutId, string reason, CancellationToken cancellationToken = default) =>
        writer.ChangeAsync(
            model,
            Self,
            (_, open) =>
                open?.Id == rolloutId && open.State is RolloutState.Running or RolloutState.Paused
                    ? RolloutTransitions.RollBack(open, reason, writer.Now)
                    : null,
            cancellationToken
        );

    private RolloutChange Begin(RolloutRequest request, ModelState state, string id)
    {
        var version =
            state.Find(request.Version)
            ?? throw ServerlessException.NotFound(
                string.Create(CultureInfo.InvariantCulture, $"'{request.Model}' has no version {request.Version}."),
                $"List the versions with `mlops models {request.Model}`."
            );
        // Production traffic requires the permission for Production.
        ModelRecords.RequireMayPromote(state, version.Version, request.By);
        var champion = state.Latest(Stage.Production);
        if (version.Stage == Stage.Production)
        {
            throw new ServerlessException(
                ErrorCodes.InvalidState,
                string.Create(CultureInfo.InvariantCulture, $"{request.Model} version {version.Version} is already in Production."),
                "Choose another version to roll out.",
                409
            );
        }

        if (champion is not null && request.ComparedWith is { } compared && compared != champion.Version)
        {
            throw new ServerlessException(
                ErrorCodes.ResourceConflict,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{request.Model} version {champion.Version} went to Production after version {version.Version} was compared with "
                        + $"version {compared}."
                ),
                "Compare it with the new champion.",
                409
            );
        }

        var now = writer.Now;
        var rollout = new Rollout
        {
            Id = id,
            ModelId = state.Model.Id,
            Model = request.Model,
            Champion = champion?.Version,
            Challenger = version.Version,
            Plan = request.Plan,
            State = RolloutState.Running,
            StartedAt = now,
            StepStartedAt = now,
            By = request.By.Name,
            Pipeline = request.By.Pipeline,
            Why = request.Why,
            Approval = request.Approval,
            Alerts = request.Alerts,
        };
        if (request.Approval is { } approval)
        {
            var waiting = rollout with { State = RolloutState.WaitingForApproval, ApprovalDeadline = now + approval.Deadline };
            return new RolloutChange(waiting, RolloutEvents.WaitsForApproval, "0 %", "0 %", request.Why)
            {
                Moves = RolloutTransitions.ToStaging(state, version.Version),
            };
        }

        return RolloutTransitions.Begin(rollout, state, now, request.By);
    }

    private static RolloutChange? Follow(Rollout rollout, RolloutLook look, DateTimeOffset now)
    {
        rollout = rollout with { Look = look };
        return look.Action switch
        {
            RolloutAction.NextStep => RolloutTransitions.NextStep(rollout, look.Reason, now),
            RolloutAction.Promote => RolloutTransitions.Promote(rollout, look.Reason, now, null),
            RolloutAction.RollBack => RolloutTransitions.RollBack(rollout, look.Reason, now),
            RolloutAction.Abort => RolloutTransitions.Abort(rollout, look.Reason, now),
            _ => null,
        };
    }

    /// <summary>Another host or a person may have been faster.</summary>
    private static bool IsSame(Rollout? open, Rollout looked) =>
        open is not null
        && open.Id == looked.Id
        && open.Step == looked.Step
        && open.State == looked.State
        && open.StepStartedAt == looked.StepStartedAt;

    private static string? Overtaken(Rollout rollout, ModelState state)
    {
        var production = state.Latest(Stage.Production)?.Version;
        return state.Find(rollout.Challenger) is null
                ? string.Create(CultureInfo.InvariantCulture, $"version {rollout.Challenger} was deleted")
            : production == rollout.Challenger
                ? string.Create(CultureInfo.InvariantCulture, $"version {rollout.Challenger} was promoted manually")
            : production != rollout.Champion
                ? production is null
                        ? string.Create(CultureInfo.InvariantCulture, $"version {rollout.Champion} was removed from Production")
                    : string.Create(CultureInfo.InvariantCulture, $"version {production} went to Production meanwhile")
            : null;
    }
}
