using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Serverless.Automation.Inbox;
using Serverless.Automation.Policies.Document;
using Serverless.Automation.Policies.Pipelines;
using Serverless.Automation.Policies.Records;
using Serverless.Automation.Retention;
using Serverless.Core;
using Serverless.Pipelines.Orchestration;
using Serverless.Serving.Rollouts;
using Serverless.Storage;
using Serverless.Tracking.Runs;

namespace Serverless.Automation.Policies.Engine;

/// <summary>
/// Asks the policies what an event means, and starts what they decide. A decision, the event it answers and the state it was made on are
/// written in one transaction; only then is the run submitted, under an id that follows from the event. So an event that comes twice, a
/// crash at any point, a clock that jumps and a second host start each run once, and lose none.
/// </summary>
public sealed class PolicyEngine
{
    internal const string UploadPrefix = "upload-";
    private readonly PolicyStore policies;
    private readonly ConcurrentDictionary<(string Model, int Revision), LoadedPolicy> loaded = new();
    private readonly RunStarter starter;
    private readonly RunOrders orders;
    private readonly DatasetStore datasets;
    private readonly PolicyAlerts alerts;
    private readonly RetentionKeeper retention;

    public PolicyEngine(PolicyEngineOptions options)
    {
        Options = options;
        policies = options.Policies;
        datasets = new DatasetStore(options.Store);
        orders = new RunOrders(options.Store, datasets);
        starter = new RunStarter(options);
        alerts = new PolicyAlerts(options);
        retention = new RetentionKeeper(options);
    }

    public PolicyEngineOptions Options { get; }

    private DateTimeOffset Now => Options.Time.GetUtcNow();

    /// <summary>The id of the run that an event starts.</summary>
    public static string RunIdOf(string workspace, string model, string eventKey) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{workspace}\n{model}\n{eventKey}")))[..32];

    /// <summary>What an upload is called as an event.</summary>
    public static string UploadEventOf(string uploadKey) => UploadPrefix + uploadKey;

    /// <summary>
    /// Once a minute: what is due by the clock, what waited for its time, what became of the runs. One read where nothing is due.
    /// </summary>
    /// <returns>True if a run is under way: looking again soon is worth it.</returns>
    public async Task<bool> TickAsync(CancellationToken cancellationToken = default)
    {
        var isBusy = false;
        var failures = new List<Exception>();
        foreach (var state in await policies.ListAsync(cancellationToken))
        {
            // One model's trouble is not another's, and what cannot be looked at is no reason to leave a run that has ended unsettled.
            await KeepAsync(failures, () => LookAsync(state, cancellationToken));
            await KeepAsync(failures, async () => isBusy |= await SettleAsync(state, cancellationToken));
        }

        await KeepAsync(failures, () => retention.TickAsync(cancellationToken));
        return failures.Count == 0 ? isBusy : throw (failures.Count == 1 ? failures[0] : new AggregateException(failures));
    }

    /// <summary>A run under way is looked at, and what waits is started once it may.</summary>
    /// <returns>True if a run is under way.</returns>
    public async Task<bool> SettleAsync(PolicyState state, CancellationToken cancellationToken = default)
    {
        if (state.Active is { } order)
        {
            if (await EndOfAsync(order, cancellationToken) is not { } end)
            {
                return true;
            }

            await alerts.EndedAsync(await LoadAsync(state.Model, state.Revision, cancellationToken), order, end, Now, cancellationToken);
            Options.Reached("told");
            state = await policies.ChangeAsync(
                state.Model,
                s =>
                    s.Active?.RunId != order.RunId
                        ? new PolicyChange(s)
                        : new PolicyChange(
                            s with
                            {
                                Active = null,
                                EndedAt = Now,
                                Trained = end.HasLearned ? Merged(s.Trained, order.Versions) : s.Trained,
                                LearnedDigest = end.HasLearned ? order.Digest() : s.LearnedDigest,
                            }
                        )
                        {
                            Decisions =
                            [
                                Log(
                                    s.Model,
                                    order.Trigger,
                                    DecisionOutcome.Ended,
                                    order.Why,
                                    end.Text,
                                    order.EventKeys[0],
                                    order.RunId
                                ) with
                                {
                                    Upshot = end.Upshot,
                                    Version = end.Version,
                                },
                            ],
                        },
                cancellationToken
            );
        }

        if (state.Pending.Count == 0)
        {
            return false;
        }

        state = await policies.ChangeAsync(state.Model, (s, token) => StartPendingAsync(s, token), cancellationToken);
        await SubmitAsync(state, cancellationToken);
        return state.Active is not null;
    }

    /// <summary>Something came in of a dataset: the triggers that look at it say what it means to them.</summary>
    public async Task OnUploadAsync(LoadedPolicy policy, UploadRecord upload, CancellationToken cancellationToken = default)
    {
        var key = UploadEventOf(upload.Key);
        var state = await policies.ChangeAsync(
            policy.Policy.Model,
            async (s, token) =>
            {
                if (await policies.FindEventAsync(s.Model, key, token) is not null)
                {
                    return new PolicyChange(s);
                }

                if (upload.State == UploadState.Refused)
                {
                    return new PolicyChange(s)
                    {
                        Answered = [new AnsweredEvent(key, Now, DecisionOutcome.Refused, null)],
                        Decisions = [Log(s.Model, "upload", DecisionOutcome.Refused, UploadTriggers.NameOf(upload), upload.Reason!, key)],
                    };
                }

                var newest = await datasets.ListVersionsAsync(upload.Dataset, cancellationToken: token);
                var (after, findings) = UploadTriggers.Look(s, policy.Policy, upload, newest);
                return await AnswerAsync(after, policy, key, findings, token);
            },
            cancellationToken
        );
        await alerts.UploadedAsync(policy, upload, Now, cancellationToken);
        await SubmitAsync(state, cancellationToken);
    }

    /// <summary>Somebody wants a run now: quiet hours, cooldown and budget are for runs that start by themselves.</summary>
    public async Task<Run> TrainAsync(
        string model,
        IReadOnlyDictionary<string, string> parameters,
        string by,
        string? eventId = null,
        CancellationToken cancellationToken = default
    )
    {
        var key = "manual-" + (eventId ?? Ids.NewId());
        var runId = RunIdOf(Options.Store.Workspace, model, key);
        var current = await policies.GetAsync(model, cancellationToken);
        var policy = await LoadAsync(model, current.Revision, cancellationToken);
        var merged = Merged(policy.Policy.Params, parameters);
        // What cannot be set is told before anything is decided.
        await starter.CheckAsync(policy, merged, cancellationToken);
        var state = await policies.ChangeAsync(
            model,
            async (s, token) =>
            {
                if (s.Active?.RunId == runId || await policies.FindEventAsync(model, key, token) is not null)
                {
                    return new PolicyChange(s);
                }

                if (s.Active is { } active)
                {
                    throw new ServerlessException(
                        ErrorCodes.ResourceConflict,
                        $"The run {active.RunId[..8]} of '{model}' is under way, and a model has one at a time.",
                        $"Wait for it (`mlops watch {model}`), or end it: `mlops cancel {active.RunId[..8]}`.",
                        409
                    );
                }

                var why =
                    merged.Count == 0
                        ? $"asked for by {by}"
                        : $"asked for by {by} with {string.Join(", ", parameters.Select(p => $"{p.Key}={p.Value}"))}";
                // With the policy's own parameters it is what those that wait are waiting for.
                var answered = parameters.Count == 0 ? s.Pending : [];
                var order = await orders.MakeAsync(
                    policy,
                    runId,
                    [key, .. answered.Select(p => p.EventKey)],
                    "manual",
                    why + Answers(answered),
                    Now,
                    merged,
                    by,
                    token
                );
                return new PolicyChange(Started(s with { Pending = answered.Count == 0 ? s.Pending : [] }, order))
                {
                    Answered = [new AnsweredEvent(key, Now, DecisionOutcome.Fired, runId)],
                    Decisions = [Log(model, "manual", DecisionOutcome.Fired, "nothing: a person asked", why, key, runId)],
                };
            },
            cancellationToken
        );
        await SubmitAsync(state, cancellationToken);
        return await Options.Runs.FindAsync(runId, cancellationToken)
            ?? throw ServerlessException.Invalid($"The run could not be started. `mlops decisions {model}` says why.");
    }

    /// <summary>All policies, as they hold now.</summary>
    public async Task<IReadOnlyList<LoadedPolicy>> ListAsync(CancellationToken cancellationToken = default)
    {
        var found = new List<LoadedPolicy>();
        foreach (var state in await policies.ListAsync(cancellationToken))
        {
            found.Add(await LoadAsync(state.Model, state.Revision, cancellationToken));
        }

        return found;
    }

    /// <summary>The models whose policies take a dataset's versions.</summary>
    public async Task<IReadOnlyList<string>> ModelsOfAsync(string dataset, CancellationToken cancellationToken = default) =>
        [.. (await PoliciesOfAsync(dataset, cancellationToken)).Select(p => p.Policy.Model)];

    /// <summary>The policies that take a dataset's versions.</summary>
    internal async Task<IReadOnlyList<LoadedPolicy>> PoliciesOfAsync(string dataset, CancellationToken cancellationToken) =>
        [.. (await ListAsync(cancellationToken)).Where(p => p.Policy.BindingOf(dataset) is not null)];

    /// <summary>A policy as it holds, read once.</summary>
    internal async Task<LoadedPolicy> LoadAsync(string model, int revision, CancellationToken cancellationToken)
    {
        if (loaded.TryGetValue((model, revision), out var known))
        {
            return known;
        }

        var record = await policies.GetRevisionAsync(model, revision, cancellationToken);
        var pipeline = await PipelineSnapshot.LoadAsync(record.PipelineDigest, Options.Store.Content, cancellationToken);
        return loaded[(model, revision)] = new LoadedPolicy(record, PolicyReader.Read(record.Text, record.File), pipeline);
    }

    private static async Task KeepAsync(List<Exception> failures, Func<Task> work)
    {
        try
        {
            await work();
        }
        catch (ServerlessException e)
        {
            failures.Add(e);
        }
    }

    /// <summary>What is due by the clock.</summary>
    private async Task LookAsync(PolicyState state, CancellationToken cancellationToken)
    {
        var policy = await LoadAsync(state.Model, state.Revision, cancellationToken);
        foreach (var trigger in policy.Policy.Triggers.Where(t => t is ScheduleTrigger or PerformanceTrigger))
        {
            if (TimedTriggers.Due(state, trigger, Now) is not { } due)
            {
                continue;
            }

            var finding = trigger is ScheduleTrigger schedule
                ? TimedTriggers.Scheduled(schedule, due)
                : await TimedTriggers.MeasuredAsync((PerformanceTrigger)trigger, policy, Options, Now, cancellationToken);
            var key = due.KeyOf(trigger);
            state = await policies.ChangeAsync(
                state.Model,
                async (s, token) =>
                {
                    var noted = s with { Slots = new Dictionary<string, DateTimeOffset>(s.Slots) { [trigger.Name] = due.Slot } };
                    return await policies.FindEventAsync(s.Model, key, token) is not null
                        ? new PolicyChange(s.Slots.GetValueOrDefault(trigger.Name) == due.Slot ? s : noted)
                        : await AnswerAsync(noted, policy, key, [finding], token);
                },
                cancellationToken
            );
            await alerts.LookedAsync(policy, finding, Now, cancellationToken);
            await SubmitAsync(state, cancellationToken);
        }
    }

    /// <summary>What the triggers found is answered: a run, or a line that says why there is none.</summary>
    private async Task<PolicyChange> AnswerAsync(
        PolicyState state,
        LoadedPolicy policy,
        string key,
        IReadOnlyList<TriggerFinding> findings,
        CancellationToken cancellationToken
    )
    {
        var model = state.Model;
        var firing = findings.Where(f => f.Fires).ToList();
        if (firing.Count == 0)
        {
            return new PolicyChange(state)
            {
                Answered = [new AnsweredEvent(key, Now, DecisionOutcome.NotFired, null)],
                Decisions =
                [
                    .. findings.Select(f => Log(model, f.Trigger, DecisionOutcome.NotFired, f.LookedAt, f.Why, key, report: f.Report)),
                ],
            };
        }

        (state, var dropped) = await WithoutOutlivedAsync(state, policy, cancellationToken);
        var held = PolicyGates.Check(state, policy.Policy, await OpenRolloutAsync(model, cancellationToken), Now);
        var runId = RunIdOf(Options.Store.Workspace, model, key);
        var isTimed = policy.Policy.Triggers.Any(t => t.Name == firing[0].Trigger && t is ScheduleTrigger or PerformanceTrigger);
        PolicyState after;
        if (held is null)
        {
            if (
                await IsInVainAsync(
                    state,
                    policy,
                    [.. firing.Select(f => f.Trigger), .. state.Pending.Select(p => p.Trigger)],
                    cancellationToken
                )
            )
            {
                return new PolicyChange(state with { Pending = [] })
                {
                    Answered = [new AnsweredEvent(key, Now, DecisionOutcome.NotFired, null)],
                    Decisions =
                    [
                        .. dropped,
                        .. findings.Select(f =>
                            Log(model, f.Trigger, DecisionOutcome.NotFired, f.LookedAt, f.Fires ? f.Why + InVain : f.Why, key)
                        ),
                    ],
                };
            }

            // It learns from what is newest, so it answers all that waited.
            var order = await orders.MakeAsync(
                policy,
                runId,
                [key, .. state.Pending.Select(p => p.EventKey)],
                firing[0].Trigger,
                firing[0].Why + Answers(state.Pending),
                Now,
                policy.Policy.Params,
                "policy",
                cancellationToken
            );
            after = Started(state with { Pending = [] }, order);
        }
        else
        {
            var waiting = new PendingEvent(key, firing[0].Trigger, firing[0].Why, Now)
            {
                Revision = state.Revision,
                Champion = firing[0].Champion,
            };
            after = state with { Pending = WaitingEvents.With(state.Pending, waiting, isTimed) };
        }

        var outcome = held is null ? DecisionOutcome.Fired : DecisionOutcome.Held;
        return new PolicyChange(after)
        {
            Answered = [new AnsweredEvent(key, Now, outcome, held is null ? runId : null)],
            Decisions =
            [
                .. dropped,
                .. findings.Select(f =>
                    f.Fires
                        ? Log(
                            model,
                            f.Trigger,
                            outcome,
                            f.LookedAt,
                            held is null ? f.Why + Answers(state.Pending) : $"{f.Why}; but {held}",
                            key,
                            held is null ? runId : null,
                            f.Report
                        ) with
                        {
                            // What a clock finds again while the same holds it back is counted, not one more line a minute.
                            Sameness = held is not null && isTimed ? $"held|{held}|{f.Trigger}|{state.Revision}|{f.Champion}" : null,
                        }
                        : Log(model, f.Trigger, DecisionOutcome.NotFired, f.LookedAt, f.Why, key, report: f.Report)
                ),
            ],
        };
    }

    /// <summary>All that waits is one run: it learns from what is newest.</summary>
    private async Task<PolicyChange> StartPendingAsync(PolicyState state, CancellationToken cancellationToken)
    {
        var sane = PolicyGates.Sane(state, Now);
        if (state.Pending.Count == 0)
        {
            return new PolicyChange(state);
        }

        var policy = await LoadAsync(state.Model, state.Revision, cancellationToken);
        (var current, var dropped) = await WithoutOutlivedAsync(state, policy, cancellationToken);
        sane = PolicyGates.Sane(current, Now);
        if (
            current.Pending.Count == 0
            || PolicyGates.Check(sane, policy.Policy, await OpenRolloutAsync(state.Model, cancellationToken), Now) is not null
        )
        {
            return new PolicyChange(ReferenceEquals(sane, state) ? state : sane) { Decisions = dropped };
        }

        state = current;
        var first = state.Pending[0];
        var runId = RunIdOf(Options.Store.Workspace, state.Model, first.EventKey);
        var why = WaitingEvents.CountOf(state.Pending) is var count and > 1
            ? string.Create(CultureInfo.InvariantCulture, $"{first.Why}; and {count - 1} later events")
            : first.Why;
        if (await IsInVainAsync(state, policy, [.. state.Pending.Select(p => p.Trigger)], cancellationToken))
        {
            return new PolicyChange(sane with { Pending = [] })
            {
                Decisions =
                [
                    .. dropped,
                    Log(state.Model, first.Trigger, DecisionOutcome.NotFired, "what waited", why + InVain, first.EventKey),
                ],
            };
        }

        var order = await orders.MakeAsync(
            policy,
            runId,
            [.. state.Pending.Select(p => p.EventKey)],
            first.Trigger,
            why,
            Now,
            policy.Policy.Params,
            "policy",
            cancellationToken
        );
        return new PolicyChange(Started(sane with { Pending = [] }, order))
        {
            Decisions =
            [
                .. dropped,
                Log(
                    state.Model,
                    first.Trigger,
                    DecisionOutcome.Fired,
                    "what waited",
                    $"{why}; nothing holds it back any more",
                    first.EventKey,
                    runId
                ),
            ],
        };
    }

    private const string InVain =
        "; but the last run learned from the same data with the same definition, and another would learn the same";

    /// <summary>
    /// A metric that stays bad is no reason to learn the same once more. A policy that binds no data cannot know what its pipeline reads.
    /// </summary>
    private async Task<bool> IsInVainAsync(
        PolicyState state,
        LoadedPolicy policy,
        IReadOnlyList<string> triggers,
        CancellationToken cancellationToken
    ) =>
        state.LearnedDigest is { } learned
        && policy.Policy.Data.Count > 0
        && triggers.All(name => policy.Policy.Triggers.Any(t => t.Name == name && t is PerformanceTrigger))
        && learned == await orders.DigestAsync(policy, cancellationToken);

    private static string Answers(IReadOnlyList<PendingEvent> waited) =>
        WaitingEvents.CountOf(waited) switch
        {
            0 => "",
            1 => "; it also answers one event that waited",
            var count => string.Create(CultureInfo.InvariantCulture, $"; it also answers {count} events that waited"),
        };

    /// <summary>What waited is dropped once its reason is gone: its trigger, the policy's revision, or the version it is about.</summary>
    private async Task<(PolicyState State, IReadOnlyList<Decision> Dropped)> WithoutOutlivedAsync(
        PolicyState state,
        LoadedPolicy policy,
        CancellationToken cancellationToken
    )
    {
        if (state.Pending.Count == 0)
        {
            return (state, []);
        }

        var champion = state.Pending.Any(p => p.Champion is not null)
            ? (await Options.Registry.GetLatestAsync(state.Model, Tracking.Models.Stage.Production, cancellationToken))?.Version
            : null;
        var dropped = state
            .Pending.Select(p => (Event: p, Why: WaitingEvents.Outlived(p, state, policy.Policy, champion)))
            .Where(p => p.Why is not null)
            .ToList();
        return dropped.Count == 0
            ? (state, [])
            : (
                state with
                {
                    Pending = [.. state.Pending.Except(dropped.Select(d => d.Event))],
                },
                [
                    .. dropped.Select(d =>
                        Log(
                            state.Model,
                            d.Event.Trigger,
                            DecisionOutcome.NotFired,
                            "what waited",
                            $"{d.Event.Why}; it does not wait any longer: {d.Why}",
                            d.Event.EventKey
                        )
                    ),
                ]
            );
    }

    /// <summary>
    /// Submits the run that was decided on, if it is not there yet: after a crash in between, somebody else's tick does it.
    /// </summary>
    private async Task SubmitAsync(PolicyState state, CancellationToken cancellationToken)
    {
        if (state.Active is { } order)
        {
            await EndOfAsync(order, cancellationToken);
        }
    }

    /// <returns>How the run ended; null if it is under way.</returns>
    private async Task<RunEnd?> EndOfAsync(RunOrder order, CancellationToken cancellationToken)
    {
        var run = await Options.Runs.FindAsync(order.RunId, cancellationToken);
        if (run is null)
        {
            Options.Reached("decided");
            try
            {
                run = await starter.StartAsync(order, cancellationToken);
                Options.Reached("submitted");
            }
            catch (ServerlessException e) when (!e.IsRetryable)
            {
                return new RunEnd(
                    RunUpshot.Failed,
                    $"The run could not be started: {string.Join(" ", e.Diagnostics.Select(d => d.Message).Prepend(e.Message))}"
                );
            }
        }

        return run.IsEnded ? await RunEnd.OfAsync(Options.Runs, run, cancellationToken) : null;
    }

    private async Task<Rollout?> OpenRolloutAsync(string model, CancellationToken cancellationToken) =>
        Options.Rollouts is null
            ? null
            : (await Options.Rollouts.Rollouts.ListOpenAsync(cancellationToken)).FirstOrDefault(r => r.Model == model);

    private PolicyState Started(PolicyState state, RunOrder order) =>
        PolicyGates.Sane(state, Now) with
        {
            Active = order,
            Starts = [.. state.Starts.Where(t => t <= Now && Now - t < TimeSpan.FromDays(2)), Now],
        };

    private Decision Log(
        string model,
        string trigger,
        DecisionOutcome outcome,
        string lookedAt,
        string why,
        string key,
        string? runId = null,
        string? report = null
    ) =>
        new()
        {
            Model = model,
            Time = Now,
            Trigger = trigger,
            Outcome = outcome,
            LookedAt = lookedAt,
            Why = why,
            EventKey = key,
            RunId = runId,
            Report = report,
        };

    private static Dictionary<string, T> Merged<T>(IReadOnlyDictionary<string, T> below, IReadOnlyDictionary<string, T> above)
    {
        var merged = new Dictionary<string, T>(below);
        foreach (var (name, value) in above)
        {
            merged[name] = value;
        }

        return merged;
    }
}
