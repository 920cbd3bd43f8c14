using System.Globalization;
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

        var held = PolicyGates.Check(state, policy.Policy, await OpenRolloutAsync(model, cancellationToken), Now);
        var runId = PolicyEngine.RunIdOf(options.Store.Workspace, model, key);
        PolicyState after;
        if (held is null)
        {
            after = Started(
                state,
                await orders.MakeAsync(
                    policy,
                    runId,
                    [key],
                    firing[0].Trigger,
                    firing[0].Why,
                    Now,
                    policy.Policy.Params,
                    "policy",
                    cancellationToken
                )
            );
        }
        else
        {
            after = state with { Pending = [.. state.Pending, new PendingEvent(key, firing[0].Trigger, firing[0].Why, Now)] };
        }

        var outcome = held is null ? DecisionOutcome.Fired : DecisionOutcome.Held;
        return new PolicyChange(after)
        {
            Answered = [new AnsweredEvent(key, Now, outcome, held is null ? runId : null)],
            Decisions =
            [
                .. findings.Select(f =>
                    f.Fires
                        ? Log(
                            model,
                            f.Trigger,
                            outcome,
                            f.LookedAt,
                            held is null ? f.Why : $"{f.Why}; but {held}",
                            key,
                            held is null ? runId : null,
                            f.Report
                        )
                        : Log(model, f.Trigger, DecisionOutcome.NotFired, f.LookedAt, f.Why, key, report: f.Report)
                ),
            ],
        };
    }

    /// <summary>All pending events lead to one run, which trains on the newest data.</summary>
    public async Task<PolicyChange> StartPendingAsync(PolicyState state, LoadedPolicy policy, CancellationToken cancellationToken)
    {
        var sane = PolicyGates.Sane(state, Now);
        if (PolicyGates.Check(sane, policy.Policy, await OpenRolloutAsync(state.Model, cancellationToken), Now) is not null)
        {
            return new PolicyChange(ReferenceEquals(sane, state) ? state : sane);
        }

        var first = state.Pending[0];
        var runId = PolicyEngine.RunIdOf(options.Store.Workspace, state.Model, first.EventKey);
        var why =
            state.Pending.Count == 1
                ? first.Why
                : string.Create(CultureInfo.InvariantCulture, $"{first.Why}; and {state.Pending.Count - 1} later events");
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
