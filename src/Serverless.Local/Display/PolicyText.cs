using System.Globalization;
using Serverless.Automation.Policies.Document;
using Serverless.Automation.Policies.Records;

namespace Serverless.Local.Display;

/// <summary>Formats policies and decisions as text.</summary>
internal static class PolicyText
{
    public static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);

    public static string Triggers(TrainingPolicy policy) =>
        policy.Triggers.Count == 0 ? "manual only" : string.Join(", ", policy.Triggers.Select(t => t.Name));

    public static string State(PolicyState state) =>
        state.Paused is { } paused ? $"paused by {paused.By}"
        : state.Active is { } run ? $"run {run.RunId[..8]} in progress"
        : state.Pending.Count > 0 ? "waiting to start a run"
        : "watching";

    public static IEnumerable<string> Standing(PolicyState state, PolicyRevision revision)
    {
        yield return string.Create(
            CultureInfo.InvariantCulture,
            $"Revision {revision.Revision}, applied {Time(revision.AppliedAt)} UTC by {revision.AppliedBy}, digest {revision.Digest}."
        );
        yield return "State: " + State(state) + (state.Paused?.Reason is { } reason ? $" ({reason})." : ".");
        foreach (var pending in state.Pending)
        {
            yield return $"Waiting since {Time(pending.Since)}: {pending.Trigger}: {pending.Why}";
        }
    }

    public static string Line(Decision decision)
    {
        var run = decision.RunId is { } id ? $" run {id[..8]}" : "";
        var times = decision is { Times: > 1, LastTime: { } last }
            ? string.Create(CultureInfo.InvariantCulture, $" ({decision.Times} times, last {Time(last)})")
            : "";
        return $"{Time(decision.Time)}  {decision.Trigger}  {Outcome(decision.Outcome)}{run}: {decision.Why}{times}  [evaluated: "
            + $"{decision.LookedAt}]";
    }

    private static string Outcome(DecisionOutcome outcome) =>
        outcome switch
        {
            DecisionOutcome.Fired => "fired",
            DecisionOutcome.NotFired => "did not fire",
            DecisionOutcome.Held => "held back",
            DecisionOutcome.Refused => "refused",
            _ => "ended",
        };
}
