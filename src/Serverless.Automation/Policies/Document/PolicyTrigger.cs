using Cronos;

namespace Serverless.Automation.Policies.Document;

/// <summary>A trigger that starts runs automatically.</summary>
/// <param name="Name">The name in decisions. Its kind, unless the policy gives it a name.</param>
public abstract record PolicyTrigger(string Name)
{
    /// <summary>The kind, as written in the policy.</summary>
    public abstract string Kind { get; }

    /// <summary>Its line in the document.</summary>
    internal int Line { get; init; }
}

/// <summary>Fires on a schedule.</summary>
public sealed record ScheduleTrigger(string Name, string Cron, TimeZoneInfo TimeZone) : PolicyTrigger(Name)
{
    public const string KindName = "schedule";

    private readonly CronExpression[] expressions = Parse(Cron);

    public override string Kind => KindName;

    /// <summary>The next time after the given one. Null if there is none.</summary>
    public DateTimeOffset? After(DateTimeOffset time) =>
        expressions.Select(e => e.GetNextOccurrence(time, TimeZone)?.ToUniversalTime()).Where(t => t is not null).Min();

    /// <summary>The latest time that is due and after <paramref name="since"/>, and the number of such times.</summary>
    public (DateTimeOffset Slot, int Count)? Due(DateTimeOffset since, DateTimeOffset now)
    {
        // For a minutely schedule after years of downtime, the last months suffice: they lead to one run.
        var most = TimeSpan.FromDays(IsSubDaily(Cron) ? 90 : 5 * 366);
        since = now - since > most ? now - most : since;
        (DateTimeOffset Slot, int Count)? due = null;
        for (var slot = After(since); slot is { } at && at <= now; slot = After(at))
        {
            due = (at, (due?.Count ?? 0) + 1);
        }

        return due;
    }

    private static bool IsSubDaily(string cron) =>
        cron.Split(' ', StringSplitOptions.RemoveEmptyEntries) is not [var minute, var hour, ..]
        || minute.Concat(hour).Any(c => !char.IsAsciiDigit(c));

    /// <summary>
    /// crontab reads a day of the month and a day of the week as "either", where both are given; Cronos reads them as "both". A field that
    /// begins with a star is not given.
    /// </summary>
    private static CronExpression[] Parse(string cron)
    {
        var whole = CronExpression.Parse(cron);
        return
            cron.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries) is [var minute, var hour, var day, var month, var weekday]
            && day[0] is not ('*' or '?')
            && weekday[0] is not ('*' or '?')
            ? [CronExpression.Parse($"{minute} {hour} {day} {month} *"), CronExpression.Parse($"{minute} {hour} * {month} {weekday}")]
            : [whole];
    }
}

/// <summary>The reference for new data.</summary>
public sealed record DriftReference(string? Path)
{
    /// <summary>The training data of the version in production.</summary>
    public static DriftReference Champion { get; } = new((string?)null);
}

/// <summary>Fires when new data differs from its reference.</summary>
public sealed record DriftTrigger(string Name, string Dataset) : PolicyTrigger(Name)
{
    public const string KindName = "drift";

    public override string Kind => KindName;

    public string Preset { get; init; } = Monitoring.Drift.DriftPresets.Default;

    /// <summary>The share of columns, or of their weights, that must have drifted.</summary>
    public double Share { get; init; } = 0.5;

    public DriftReference Reference { get; init; } = DriftReference.Champion;

    /// <summary>Whether columns are weighed by the champion's permutation importance.</summary>
    public bool WeighByImportance { get; init; }

    public IReadOnlyDictionary<string, double>? Weights { get; init; }

    public IReadOnlyList<string>? Columns { get; init; }

    public IReadOnlyList<string> Exclude { get; init; } = [];

    /// <summary>A column by whose values the report is segmented.</summary>
    public string? By { get; init; }

    /// <summary>The number of the last <see cref="OfWindows"/> windows that must have drifted.</summary>
    public int InWindows { get; init; } = 1;

    public int OfWindows { get; init; } = 1;
}

/// <summary>The source of a performance metric.</summary>
public enum PerformanceSource
{
    /// <summary>Labels recorded for predictions.</summary>
    Labels,

    /// <summary>An estimate from calibrated probabilities. It cannot detect concept drift.</summary>
    Estimate,
}

/// <summary>Fires when the model's performance drops.</summary>
public sealed record PerformanceTrigger(string Name, string Metric) : PolicyTrigger(Name)
{
    public const string KindName = "performance";

    public override string Kind => KindName;

    /// <summary>The worst acceptable value.</summary>
    public double? Bound { get; init; }

    /// <summary>The tolerated loss against the champion's recorded value.</summary>
    public double? FallenBy { get; init; }

    public PerformanceSource Source { get; init; } = PerformanceSource.Labels;

    public TimeSpan Every { get; init; } = TimeSpan.FromHours(1);

    /// <summary>The age up to which predictions count.</summary>
    public TimeSpan Window { get; init; } = TimeSpan.FromDays(7);

    /// <summary>The minimum number of rows to evaluate.</summary>
    public int AtLeast { get; init; } = 200;
}

/// <summary>Fires when enough new data has arrived.</summary>
public sealed record NewDataTrigger(string Name, string Dataset) : PolicyTrigger(Name)
{
    public const string KindName = "new-data";

    public override string Kind => KindName;

    public long? Rows { get; init; }

    public int? Files { get; init; }
}
