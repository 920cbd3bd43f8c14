using Serverless.Tracking.Alerts;
using Serverless.Training.Promotion;

namespace Serverless.Automation.Policies.Document;

/// <summary>When a model retrains, with what, and what a challenger must show: one YAML document a model.</summary>
public sealed record TrainingPolicy
{
    /// <summary>The registered model.</summary>
    public required string Model { get; init; }

    public string? Description { get; init; }

    /// <summary>The pipeline that trains it: a folder or file, from the policy's own folder.</summary>
    public string Pipeline { get; init; } = ".";

    /// <summary>Which paths of the pipeline a dataset's versions take the place of.</summary>
    public IReadOnlyList<DataBinding> Data { get; init; } = [];

    /// <summary>
    /// Parameters of the runs that this policy starts, instead of those of the pipeline's files: `params.train.lr` and its value as YAML.
    /// </summary>
    public IReadOnlyDictionary<string, string> Params { get; init; } = new Dictionary<string, string>();

    public IReadOnlyList<PolicyTrigger> Triggers { get; init; } = [];

    public PolicyLimits Limits { get; init; } = new();

    /// <summary>What a challenger must show; null for what the pipeline itself says.</summary>
    public PromotionRules? Promotion { get; init; }

    /// <summary>How a challenger takes over; null for at once.</summary>
    public RolloutPlan? Rollout { get; init; }

    public IReadOnlyList<AlertTarget> Alerts { get; init; } = [];

    /// <summary>Requests that the local host makes up while a rollout is open; null for none.</summary>
    public TrafficReplay? Replay { get; init; }

    /// <summary>Where the document names the model.</summary>
    internal int ModelLine { get; init; }

    public DataBinding? BindingOf(string dataset) => Data.FirstOrDefault(d => d.Dataset == dataset);
}

/// <summary>How many of a dataset's versions a run learns from.</summary>
public enum DataTake
{
    /// <summary>The newest version alone.</summary>
    Latest,

    /// <summary>The newest ones, one after the other.</summary>
    Last,

    /// <summary>What the pipeline has at that path, and all versions after it.</summary>
    All,
}

/// <summary>A path of the pipeline that a dataset's versions take the place of.</summary>
public sealed record DataBinding
{
    /// <summary>From the pipeline's folder.</summary>
    public required string Path { get; init; }

    public required string Dataset { get; init; }

    public DataTake Take { get; init; } = DataTake.Latest;

    /// <summary>With <see cref="DataTake.Last"/>: how many.</summary>
    public int Versions { get; init; } = 1;

    /// <summary>True: an upload may have columns that the reference lacks.</summary>
    public bool AllowNewColumns { get; init; }

    /// <summary>Where it stands in the document.</summary>
    internal int Line { get; init; }
}

/// <summary>
/// Rows of a file that are asked of the model while a rollout is open: traffic for a model that has none of its own, in a trial or a
/// demonstration.
/// </summary>
public sealed record TrafficReplay
{
    /// <summary>A file from the policy's folder.</summary>
    public required string Data { get; init; }

    /// <summary>The column that is the answer: it is not asked, and told afterwards; null if there is none.</summary>
    public string? Label { get; init; }

    public int PerSecond { get; init; } = 50;

    /// <summary>Where it stands in the document.</summary>
    internal int Line { get; init; }
}

/// <summary>What keeps automatic runs rare.</summary>
public sealed record PolicyLimits
{
    /// <summary>After a run ended, none starts by itself for so long.</summary>
    public TimeSpan Cooldown { get; init; } = TimeSpan.Zero;

    /// <summary>How many runs start in a day (UTC), by itself or by hand; null for any number.</summary>
    public int? RunsPerDay { get; init; }

    public QuietHours? QuietHours { get; init; }
}

/// <summary>Hours in which no run starts by itself; over midnight if the end is before the start.</summary>
public sealed record QuietHours
{
    public required TimeOnly From { get; init; }

    public required TimeOnly To { get; init; }

    public TimeZoneInfo TimeZone { get; init; } = TimeZoneInfo.Utc;

    /// <summary>The days on which they begin; none for every day.</summary>
    public IReadOnlyList<DayOfWeek> Days { get; init; } = [];

    /// <summary>When the quiet hours that hold at this time are over; null if none do.</summary>
    public DateTimeOffset? EndAt(DateTimeOffset now)
    {
        var local = System.TimeZoneInfo.ConvertTime(now, TimeZone);
        // Those that began today, and those of yesterday that go over midnight.
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

    /// <summary>A time that a change of the clocks leaves out is the one an hour later.</summary>
    private DateTimeOffset At(DateOnly day, TimeOnly time)
    {
        var local = day.ToDateTime(time, DateTimeKind.Unspecified);
        local = TimeZone.IsInvalidTime(local) ? local.AddHours(1) : local;
        return new DateTimeOffset(local, TimeZone.GetUtcOffset(local));
    }
}
