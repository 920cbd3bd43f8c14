using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Serverless.Automation.Inbox;
using Serverless.Automation.Policies.Document;
using Serverless.Automation.Policies.Pipelines;
using Serverless.Automation.Policies.Records;
using Serverless.Automation.Retention;
using Serverless.Core;
using Serverless.Tracking.Runs;

namespace Serverless.Automation.Policies.Engine;

/// <summary>
/// Evaluates the policies on an event and starts the runs that they decide on. A decision, its event and the state it is based on are
/// written in one transaction. Only then is the run submitted, under an ID derived from the event. Each run therefore starts exactly
/// once, despite repeated events, crashes at any point, clock jumps and a second host.
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
    private readonly PolicyDecider decider;

    public PolicyEngine(PolicyEngineOptions options)
    {
        Options = options;
        policies = options.Policies;
        datasets = new DatasetStore(options.Store);
        orders = new RunOrders(options.Store, datasets);
        decider = new PolicyDecider(options, orders);
        starter = new RunStarter(options);
        alerts = new PolicyAlerts(options);
        retention = new RetentionKeeper(options);
    }

    public PolicyEngineOptions Options { get; }

    private DateTimeOffset Now => Options.Time.GetUtcNow();

    /// <summary>The ID of the run that an event starts.</summary>
    public static string RunIdOf(string workspace, string model, string eventKey) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{workspace}\n{model}\n{eventKey}")))[..32];

    /// <summary>The event key of an upload.</summary>
    public static string UploadEventOf(string uploadKey) => UploadPrefix + uploadKey;

    /// <summary>
    /// Runs once a minute: evaluates timed triggers, pending events and ended runs. One read if nothing is due.
    /// </summary>
    /// <returns>True if a run is in progress, so that the next tick should come soon.</returns>
    public async Task<bool> TickAsync(CancellationToken cancellationToken = default)
    {
        var isBusy = false;
        var failures = new List<Exception>();
        foreach (var state in await policies.ListAsync(cancellationToken))
        {
            // An error of one model must not affect others, nor keep an ended run unsettled.
            await KeepAsync(failures, () => LookAsync(state, cancellationToken));
            await KeepAsync(failures, async () => isBusy |= await SettleAsync(state, cancellationToken));
        }

        await KeepAsync(failures, () => retention.TickAsync(cancellationToken));
        return failures.Count == 0 ? isBusy : throw (failures.Count == 1 ? failures[0] : new AggregateException(failures));
    }

    /// <summary>Checks a run in progress, and starts pending events once allowed.</summary>
    /// <returns>True if a run is in progress.</returns>
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
                                decider.Log(
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

        state = await policies.ChangeAsync(
            state.Model,
            async (s, token) =>
                s.Pending.Count == 0
                    ? new PolicyChange(s)
                    : await decider.StartPendingAsync(s, await LoadAsync(s.Model, s.Revision, token), token),
            cancellationToken
        );
        await SubmitAsync(state, cancellationToken);
        return state.Active is not null;
    }

    /// <summary>Evaluates the triggers of a dataset on an upload.</summary>
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
                        Decisions =
                        [
                            decider.Log(s.Model, "upload", DecisionOutcome.Refused, UploadTriggers.NameOf(upload), upload.Reason!, key),
                        ],
                    };
                }

                var newest = await datasets.ListVersionsAsync(upload.Dataset, cancellationToken: token);
                var (after, findings) = UploadTriggers.Look(s, policy.Policy, upload, newest);
                return await decider.AnswerAsync(after, policy, key, findings, token);
            },
            cancellationToken
        );
        await alerts.UploadedAsync(policy, upload, Now, cancellationToken);
        await SubmitAsync(state, cancellationToken);
    }

    /// <summary>Starts a run on request. Quiet hours, cooldown and budget apply only to automatic runs.</summary>
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
        // Report invalid parameters before anything is decided.
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
                        $"Run {active.RunId[..8]} of '{model}' is in progress, and a model can have only one run at a time.",
                        $"Wait for it with `mlops watch {model}`, or cancel it with `mlops cancel {active.RunId[..8]}`.",
                        409
                    );
                }

                var why =
                    merged.Count == 0
                        ? $"requested by {by}"
                        : $"requested by {by} with {string.Join(", ", parameters.Select(p => $"{p.Key}={p.Value}"))}";
                // A run with the policy's own parameters also covers the pending events.
                var answered = parameters.Count == 0 ? s.Pending : [];
                var order = await orders.MakeAsync(
                    policy,
                    runId,
                    [key, .. answered.Select(p => p.EventKey)],
                    "manual",
                    why + PolicyDecider.Answers(answered),
                    Now,
                    merged,
                    by,
                    token
                );
                return new PolicyChange(decider.Started(s with { Pending = answered.Count == 0 ? s.Pending : [] }, order))
                {
                    Answered = [new AnsweredEvent(key, Now, DecisionOutcome.Fired, runId)],
                    Decisions = [decider.Log(model, "manual", DecisionOutcome.Fired, "nothing: manual request", why, key, runId)],
                };
            },
            cancellationToken
        );
        await SubmitAsync(state, cancellationToken);
        return await Options.Runs.FindAsync(runId, cancellationToken)
            ?? throw ServerlessException.Invalid($"The run could not be started. For the reason, see `mlops decisions {model}`.");
    }

    /// <summary>All active policies.</summary>
    public async Task<IReadOnlyList<LoadedPolicy>> ListAsync(CancellationToken cancellationToken = default)
    {
        var found = new List<LoadedPolicy>();
        foreach (var state in await policies.ListAsync(cancellationToken))
        {
            found.Add(await LoadAsync(state.Model, state.Revision, cancellationToken));
        }

        return found;
    }

    /// <summary>The models whose policies use a dataset.</summary>
    public async Task<IReadOnlyList<string>> ModelsOfAsync(string dataset, CancellationToken cancellationToken = default) =>
        [.. (await PoliciesOfAsync(dataset, cancellationToken)).Select(p => p.Policy.Model)];

    /// <summary>The policies that use a dataset.</summary>
    internal async Task<IReadOnlyList<LoadedPolicy>> PoliciesOfAsync(string dataset, CancellationToken cancellationToken) =>
        [.. (await ListAsync(cancellationToken)).Where(p => p.Policy.BindingOf(dataset) is not null)];

    /// <summary>The active revision of a policy, read once.</summary>
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

    /// <summary>Evaluates timed triggers that are due.</summary>
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
                        : await decider.AnswerAsync(noted, policy, key, [finding], token);
                },
                cancellationToken
            );
            await alerts.LookedAsync(policy, finding, Now, cancellationToken);
            await SubmitAsync(state, cancellationToken);
        }
    }

    /// <summary>
    /// Submits a decided run if it does not exist yet. After a crash in between, another host's tick does it.
    /// </summary>
    private async Task SubmitAsync(PolicyState state, CancellationToken cancellationToken)
    {
        if (state.Active is { } order)
        {
            await EndOfAsync(order, cancellationToken);
        }
    }

    /// <returns>How the run ended. Null if it is in progress.</returns>
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
