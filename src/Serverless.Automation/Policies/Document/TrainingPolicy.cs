using Serverless.Tracking.Alerts;
using Serverless.Training.Promotion;

namespace Serverless.Automation.Policies.Document;

/// <summary>When a model is retrained, on what data, and what a challenger must achieve: one YAML document per model.</summary>
public sealed record TrainingPolicy
{
    /// <summary>The registered model.</summary>
    public required string Model { get; init; }

    public string? Description { get; init; }

    /// <summary>The pipeline that trains it: a folder or file, relative to the policy's folder.</summary>
    public string Pipeline { get; init; } = ".";

    /// <summary>The pipeline paths that versions of datasets replace.</summary>
    public IReadOnlyList<DataBinding> Data { get; init; } = [];

    /// <summary>
    /// Parameter overrides for the runs of this policy: `params.train.lr` and its value as YAML.
    /// </summary>
    public IReadOnlyDictionary<string, string> Params { get; init; } = new Dictionary<string, string>();

    public IReadOnlyList<PolicyTrigger> Triggers { get; init; } = [];

    public PolicyLimits Limits { get; init; } = new();

    /// <summary>What a challenger must achieve. Null to use the pipeline's own rules.</summary>
    public PromotionRules? Promotion { get; init; }

    /// <summary>How a challenger takes over. Null for an immediate promotion.</summary>
    public RolloutPlan? Rollout { get; init; }

    public IReadOnlyList<AlertTarget> Alerts { get; init; } = [];

    /// <summary>Requests that the local host generates while a rollout is open. Null for none.</summary>
    public TrafficReplay? Replay { get; init; }

    /// <summary>The line that names the model.</summary>
    internal int ModelLine { get; init; }

    public DataBinding? BindingOf(string dataset) => Data.FirstOrDefault(d => d.Dataset == dataset);
}

/// <summary>Which versions of a dataset a run trains on.</summary>
public enum DataTake
{
    /// <summary>Only the newest version.</summary>
    Latest,

    /// <summary>The newest versions, concatenated.</summary>
    Last,

    /// <summary>The pipeline's own data at the path, followed by all versions.</summary>
    All,
}

/// <summary>A pipeline path that versions of a dataset replace.</summary>
public sealed record DataBinding
{
    /// <summary>The path, relative to the pipeline's folder.</summary>
    public required string Path { get; init; }

    public required string Dataset { get; init; }

    public DataTake Take { get; init; } = DataTake.Latest;

    /// <summary>The number of versions, for <see cref="DataTake.Last"/>.</summary>
    public int Versions { get; init; } = 1;

    /// <summary>Whether an upload may have columns that the reference does not have.</summary>
    public bool AllowNewColumns { get; init; }

    /// <summary>Its line in the document.</summary>
    internal int Line { get; init; }
}

/// <summary>
/// Rows of a file that are sent to the model while a rollout is open: traffic for a model that has none, in a trial or a demonstration.
/// </summary>
public sealed record TrafficReplay
{
    /// <summary>A file, relative to the policy's folder.</summary>
    public required string Data { get; init; }

    /// <summary>The label column: not part of the requests, but reported afterwards. Null if there is none.</summary>
    public string? Label { get; init; }

    public int PerSecond { get; init; } = 50;

    /// <summary>Its line in the document.</summary>
    internal int Line { get; init; }
}

/// <summary>Limits on automatic runs.</summary>
public sealed record PolicyLimits
{
    /// <summary>The minimum time between the end of a run and the next automatic run.</summary>
    public TimeSpan Cooldown { get; init; } = TimeSpan.Zero;

    /// <summary>The maximum number of runs per day (UTC), automatic or manual. Null for no limit.</summary>
    public int? RunsPerDay { get; init; }

    public QuietHours? QuietHours { get; init; }
}

/// <summary>Hours without automatic runs. They cross midnight if the end is before the start.</summary>
public sealed record QuietHours
{
    public required TimeOnly From { get; init; }

    public required TimeOnly To { get; init; }

    public TimeZoneInfo TimeZone { get; init; } = TimeZoneInfo.Utc;

    /// <summary>The days on which they begin. Empty for every day.</summary>
    public IReadOnlyList<DayOfWeek> Days { get; init; } = [];

    /// <summary>The end of the quiet hours at the given time. Null if there are none.</summary>
    public DateTimeOffset? EndAt(DateTimeOffset now)
    {
        var local = System.TimeZoneInfo.ConvertTime(now, TimeZone);
        // Those that began today, and those of yesterday that cross midnight.
        foreach (var day in (DateOnly[])[DateOnly.FromDateTime(local.DateTime), DateOnly.FromDateTime(local.DateTime).AddDays(-1)])
        {
            if (Days.Count > 0 && !Days.Contains(day.DayOfWeek))
            {
                continue;
            }

            var (start, end) = (At(day, From), At(To > From ? day : day.AddDays(1), To));
            if (now >= start && now < end)
            {
                return end.ToUniversalTime();
            }
        }

        return null;
    }

    /// <summary>A local time skipped by daylight saving becomes the time one hour later.</summary>
    private DateTimeOffset At(DateOnly day, TimeOnly time)
    {
        var local = day.ToDateTime(time, DateTimeKind.Unspecified);
        local = TimeZone.IsInvalidTime(local) ? local.AddHours(1) : local;
        return new DateTimeOffset(local, TimeZone.GetUtcOffset(local));
    }
}
