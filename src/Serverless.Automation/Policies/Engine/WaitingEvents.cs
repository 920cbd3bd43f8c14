using System.Globalization;
using Serverless.Automation.Policies.Document;
using Serverless.Automation.Policies.Records;

namespace Serverless.Automation.Policies.Engine;

/// <summary>Events that wait for their run: what joins them, what leaves them, what they say.</summary>
internal static class WaitingEvents
{
    /// <summary>
    /// One more that waits. A timed trigger waits once, however often its time comes meanwhile, and says what it found last.
    /// </summary>
    public static IReadOnlyList<PendingEvent> With(IReadOnlyList<PendingEvent> pending, PendingEvent next, bool isTimed)
    {
        var same = isTimed ? pending.FirstOrDefault(p => p.Trigger == next.Trigger) : null;
        return same is null
            ? [.. pending, next]
            :
            [
                .. pending.Select(p =>
                    ReferenceEquals(p, same)
                        ? p with
                        {
                            Count = p.Count + 1,
                            Why = next.Champion is null ? p.Why : next.Why,
                            Champion = next.Champion,
                            Revision = next.Revision,
                        }
                        : p
                ),
            ];
    }

    /// <summary>Why an event need not wait any longer; null if it still means what it meant.</summary>
    public static string? Outlived(PendingEvent waiting, PolicyState state, TrainingPolicy policy, int? champion) =>
        policy.Triggers.All(t => t.Name != waiting.Trigger) ? "the policy has no such trigger any more"
        : waiting.Revision != 0 && waiting.Revision != state.Revision
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"the policy was changed since: revision {state.Revision} is active, and it was found under revision {waiting.Revision}"
            )
        : waiting.Champion is { } about && about != champion
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"it is about version {about}, and {(champion is { } now ? $"version {now}" : "none")} is in Production now"
            )
        : null;

    public static int CountOf(IReadOnlyList<PendingEvent> pending) => pending.Sum(p => p.Count);
}
