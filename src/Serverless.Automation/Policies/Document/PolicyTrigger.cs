using Cronos;
using Serverless.Training.Components.Compare;
using Serverless.Training.Learning;

namespace Serverless.Automation.Policies.Document;

/// <summary>What starts a run by itself.</summary>
/// <param name="Name">What decisions call it; its kind unless the policy gives it a name.</param>
public abstract record PolicyTrigger(string Name)
{
    /// <summary>As the policy writes it.</summary>
    public abstract string Kind { get; }

    /// <summary>Where it stands in the document.</summary>
    internal int Line { get; init; }
}

/// <summary>By the clock.</summary>
public sealed record ScheduleTrigger(string Name, string Cron, TimeZoneInfo TimeZone) : PolicyTrigger(Name)
{
    public const string KindName = "schedule";

    private readonly CronExpression[] expressions = Parse(Cron);

    public override string Kind => KindName;

    /// <summary>The next time after that one; null if there is none.</summary>
    public DateTimeOffset? After(DateTimeOffset time) =>
        expressions.Select(e => e.GetNextOccurrence(time, TimeZone)?.ToUniversalTime()).Where(t => t is not null).Min();

    /// <summary>The latest time that is due by now and came after <paramref name="since"/>, and how many there were.</summary>
    public (DateTimeOffset Slot, int Count)? Due(DateTimeOffset since, DateTimeOffset now)
    {
        // A schedule of every minute that slept for years: the last months say all that is to be done, which is one run.
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

/// <summary>What new data is compared with.</summary>
public sealed record DriftReference(string? Path)
{
    /// <summary>What the version in production learned from.</summary>
    public static DriftReference Champion { get; } = new((string?)null);
}

/// <summary>New data is unlike its reference.</summary>
public sealed record DriftTrigger(string Name, string Dataset) : PolicyTrigger(Name)
{
    public const string KindName = "drift";

    public override string Kind => KindName;

    public string Preset { get; init; } = Monitoring.Drift.DriftPresets.Default;

    /// <summary>The share of columns, or of their weights, that must have drifted.</summary>
    public double Share { get; init; } = 0.5;

    public DriftReference Reference { get; init; } = DriftReference.Champion;

    /// <summary>True: columns weigh what the champion's permutation importance says.</summary>
    public bool WeighByImportance { get; init; }

    public IReadOnlyDictionary<string, double>? Weights { get; init; }

    public IReadOnlyList<string>? Columns { get; init; }

    public IReadOnlyList<string> Exclude { get; init; } = [];

    /// <summary>A column by whose values the report is also made in segments.</summary>
    public string? By { get; init; }

    /// <summary>In so many of the last <see cref="OfWindows"/> windows.</summary>
    public int InWindows { get; init; } = 1;

    public int OfWindows { get; init; } = 1;
}

/// <summary>Where labels come from.</summary>
public enum PerformanceSource
{
    /// <summary>Labels that came in for predictions.</summary>
    Labels,

    /// <summary>An estimate from calibrated probabilities. It cannot see that the world answers differently.</summary>
    Estimate,
}

/// <summary>The model got worse.</summary>
public sealed record PerformanceTrigger(string Name, string Metric) : PolicyTrigger(Name)
{
    public const string KindName = "performance";

    public override string Kind => KindName;

    /// <summary>The worst value that is good enough.</summary>
    public double? Bound { get; init; }

    /// <summary>By how much it may be worse than the champion's own record.</summary>
    public double? FallenBy { get; init; }

    public PerformanceSource Source { get; init; } = PerformanceSource.Labels;

    public TimeSpan Every { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Predictions of so long ago count.</summary>
    public TimeSpan Window { get; init; } = TimeSpan.FromDays(7);

    /// <summary>Fewer rows than that say nothing.</summary>
    public int AtLeast { get; init; } = 200;
}

/// <summary>Enough new data came in.</summary>
public sealed record NewDataTrigger(string Name, string Dataset) : PolicyTrigger(Name)
{
    public const string KindName = "new-data";

    public override string Kind => KindName;

    public long? Rows { get; init; }

    public int? Files { get; init; }
}
