using System.Globalization;
using Serverless.Automation.Policies.Document;
using Serverless.Automation.Policies.Records;
using Serverless.Serving.Rollouts;

namespace Serverless.Automation.Policies.Engine;

/// <summary>Finds what holds back an automatic run although a trigger fired.</summary>
internal static class PolicyGates
{
    /// <returns>Null if nothing holds it back.</returns>
    public static string? Check(PolicyState state, TrainingPolicy policy, Rollout? open, DateTimeOffset now)
    {
        state = Sane(state, now);
        if (state.Paused is { } paused)
        {
            return $"the model is paused by {paused.By}";
        }

        if (state.Active is { } active)
        {
            return $"run {active.RunId[..8]} is in progress";
        }

        if (open is not null)
        {
            return $"the rollout of version {open.Challenger} is open";
        }

        if (state.EndedAt is { } ended && policy.Limits.Cooldown > TimeSpan.Zero && now < ended + policy.Limits.Cooldown)
        {
            return $"the cooldown lasts until {Show(ended + policy.Limits.Cooldown)}";
        }

        if (policy.Limits.QuietHours?.EndAt(now) is { } end)
        {
            return $"quiet hours last until {Show(end)}";
        }

        var today = state.Starts.Count(t => t.UtcDateTime.Date == now.UtcDateTime.Date);
        return policy.Limits.RunsPerDay is { } most && today >= most
            ? string.Create(CultureInfo.InvariantCulture, $"{today} runs were started today, and the budget is {most}")
            : null;
    }

    /// <summary>A clock that was set back leaves times in the future, which must not block anything.</summary>
    public static PolicyState Sane(PolicyState state, DateTimeOffset now) =>
        state.EndedAt > now || state.Starts.Any(t => t > now)
            ? state with
            {
                EndedAt = state.EndedAt > now ? now : state.EndedAt,
                Starts = [.. state.Starts.Where(t => t <= now)],
            }
            : state;

    private static string Show(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture) + " UTC";
}
