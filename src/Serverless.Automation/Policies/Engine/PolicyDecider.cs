using System.Globalization;
using Serverless.Automation.Policies.Document;
using Serverless.Automation.Policies.Records;
using Serverless.Serving.Rollouts;

namespace Serverless.Automation.Policies.Engine;

/// <summary>Decides what a model's state becomes: a started run, a pending event, or a log line.</summary>
internal sealed class PolicyDecider(PolicyEngineOptions options, RunOrders orders)
{
    private DateTimeOffset Now => options.Time.GetUtcNow();

    /// <summary>Decides on the triggers' findings: a run, or a log line that says why there is none.</summary>
    public async Task<PolicyChange> AnswerAsync(
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
        var runId = PolicyEngine.RunIdOf(options.Store.Workspace, model, key);
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

            // The run trains on the newest data, so it covers all pending events.
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
                            // Repeated findings of a timed trigger under the same hold are counted, not logged every minute.
                            Sameness = held is not null && isTimed ? $"held|{held}|{f.Trigger}|{state.Revision}|{f.Champion}" : null,
                        }
                        : Log(model, f.Trigger, DecisionOutcome.NotFired, f.LookedAt, f.Why, key, report: f.Report)
                ),
            ],
        };
    }

    /// <summary>All pending events lead to one run, which trains on the newest data.</summary>
    public async Task<PolicyChange> StartPendingAsync(PolicyState state, LoadedPolicy policy, CancellationToken cancellationToken)
    {
        (var current, var dropped) = await WithoutOutlivedAsync(state, policy, cancellationToken);
        var sane = PolicyGates.Sane(current, Now);
        if (
            current.Pending.Count == 0
            || PolicyGates.Check(sane, policy.Policy, await OpenRolloutAsync(state.Model, cancellationToken), Now) is not null
        )
        {
            return new PolicyChange(ReferenceEquals(sane, state) ? state : sane) { Decisions = dropped };
        }

        state = current;
        var first = state.Pending[0];
        var runId = PolicyEngine.RunIdOf(options.Store.Workspace, state.Model, first.EventKey);
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
                    Log(state.Model, first.Trigger, DecisionOutcome.NotFired, "pending events", why + InVain, first.EventKey),
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
                    "pending events",
                    $"{why}; no longer held back",
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

    internal static string Answers(IReadOnlyList<PendingEvent> waited) =>
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
            ? (await options.Registry.GetLatestAsync(state.Model, Tracking.Models.Stage.Production, cancellationToken))?.Version
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
                            "pending events",
                            $"{d.Event.Why}; it does not wait any longer: {d.Why}",
                            d.Event.EventKey
                        )
                    ),
                ]
            );
    }

    private async Task<Rollout?> OpenRolloutAsync(string model, CancellationToken cancellationToken) =>
        options.Rollouts is null
            ? null
            : (await options.Rollouts.Rollouts.ListOpenAsync(cancellationToken)).FirstOrDefault(r => r.Model == model);

    public PolicyState Started(PolicyState state, RunOrder order) =>
        PolicyGates.Sane(state, Now) with
        {
            Active = order,
            Starts = [.. state.Starts.Where(t => t <= Now && Now - t < TimeSpan.FromDays(2)), Now],
        };

    public Decision Log(
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
}
