using Cronos;
using Serverless.Monitoring.Drift;
using Serverless.Monitoring.Performance;

namespace Serverless.Automation.Policies.Document;

/// <summary>Reads the triggers of a policy: a list of maps, each with one kind of trigger and an optional name.</summary>
internal static class TriggerReader
{
    private static readonly string[] Kinds =
    [
        ScheduleTrigger.KindName,
        DriftTrigger.KindName,
        PerformanceTrigger.KindName,
        NewDataTrigger.KindName,
    ];

    private static readonly string[] Estimated = ["accuracy", "auc", "f1", "precision", "recall"];

    public static IEnumerable<PolicyTrigger> Read(PolicySection root)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var item in root.Sections("triggers", "trigger"))
        {
            var given = item.Text("name");
            var kinds = Kinds.Where(item.Has).ToList();
            item.Done();
            if (kinds.Count != 1)
            {
                item.Wrong(
                    "name",
                    kinds.Count == 0 ? $"{item.Owner} has no kind." : $"{item.Owner} has {kinds.Count} kinds: {string.Join(", ", kinds)}.",
                    $"Give it one of {string.Join(", ", Kinds)}."
                );
                continue;
            }

            var name = given ?? Free(kinds[0], names);
            if (!names.Add(name))
            {
                item.Wrong("name", $"Two triggers are named '{name}'.", "Give one of them another name.");
            }

            if (item.Section(kinds[0]) is { } body)
            {
                var trigger = ReadOne(kinds[0], name, body);
                body.Done();
                if (trigger is not null)
                {
                    yield return trigger with
                    {
                        Line = item.LineOf(kinds[0]),
                    };
                }
            }
        }
    }

    private static string Free(string kind, HashSet<string> names) =>
        names.Contains(kind) ? Enumerable.Range(2, 1000).Select(i => $"{kind}-{i}").First(n => !names.Contains(n)) : kind;

    private static PolicyTrigger? ReadOne(string kind, string name, PolicySection body) =>
        kind switch
        {
            ScheduleTrigger.KindName => ReadSchedule(name, body),
            DriftTrigger.KindName => ReadDrift(name, body),
            PerformanceTrigger.KindName => ReadPerformance(name, body),
            _ => ReadNewData(name, body),
        };

    private static ScheduleTrigger? ReadSchedule(string name, PolicySection body)
    {
        const string Fix = "Use minute, hour, day of month, month and day of week: '0 3 * * 1' is Mondays at 03:00.";
        var zone = body.Zone("time_zone") ?? TimeZoneInfo.Utc;
        var cron = body.Required("cron", Fix);
        if (cron.Length == 0)
        {
            return null;
        }

        try
        {
            var trigger = new ScheduleTrigger(name, cron, zone);
            if (trigger.After(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero)) is not null)
            {
                return trigger;
            }

            body.Wrong("cron", $"'{cron}' never occurs.", Fix);
        }
        catch (CronFormatException e)
        {
            body.Wrong("cron", $"'{cron}' is not a valid schedule: {e.Message.TrimEnd('.')}.", Fix);
        }

        return null;
    }

    private static DriftTrigger ReadDrift(string name, PolicySection body)
    {
        var isImportance = body.Raw("weights") is { AsText: "importance" };
        var trigger = new DriftTrigger(name, body.Required("dataset", "Name the dataset whose uploads are compared."))
        {
            Preset = body.OneOf("preset", DriftPresets.All.ToDictionary(p => p, _ => true)) is null
                ? DriftPresets.Default
                : body.Text("preset")!,
            Share = body.Number("share", 0, 1, aboveLeast: true) ?? 0.5,
            Reference = body.Text("reference") is { } path and not "champion" ? new DriftReference(path) : DriftReference.Champion,
            WeighByImportance = isImportance,
            Weights = isImportance ? null : body.Numbers("weights"),
            Columns = body.Texts("columns"),
            Exclude = body.Texts("exclude") ?? [],
            By = body.Text("by"),
            InWindows = body.Whole("in_windows", 1, 100) ?? 1,
            OfWindows = body.Whole("of_windows", 1, 100) ?? body.Whole("in_windows", 1, 100) ?? 1,
        };
        if (trigger.InWindows > trigger.OfWindows)
        {
            body.Wrong(
                "in_windows",
                $"Drift in {trigger.InWindows} of {trigger.OfWindows} windows is impossible.",
                "Set `in_windows` to at most `of_windows`."
            );
        }

        if (trigger.Weights is { } weights && (weights.Values.Any(w => w < 0) || weights.Values.Sum() <= 0))
        {
            body.Wrong("weights", "Weights must not be negative, and at least one must be positive.");
        }

        if (trigger.Columns is { } columns)
        {
            foreach (var both in columns.Intersect(trigger.Exclude))
            {
                body.Wrong("exclude", $"'{both}' is both included and excluded.");
            }

            foreach (var lost in (trigger.Weights?.Keys ?? []).Except(columns))
            {
                body.Wrong(
                    "weights",
                    $"'{lost}' has a weight, but is not among the compared columns.",
                    PolicySection.Nearest(lost, columns)
                );
            }
        }

        return trigger;
    }

    private static PerformanceTrigger ReadPerformance(string name, PolicySection body)
    {
        var trigger = new PerformanceTrigger(name, body.Required("metric", "Name a metric, such as auc."))
        {
            Bound = body.Number("bound"),
            FallenBy = body.Number("fallen_by", 0, aboveLeast: true),
            Source =
                body.OneOf(
                    "source",
                    new Dictionary<string, PerformanceSource>
                    {
                        ["labels"] = PerformanceSource.Labels,
                        ["estimate"] = PerformanceSource.Estimate,
                    }
                ) ?? PerformanceSource.Labels,
            Every = body.Time("every") ?? TimeSpan.FromHours(1),
            Window = body.Time("window") ?? TimeSpan.FromDays(7),
            AtLeast = body.Whole("at_least", 1) ?? 200,
        };
        var known = MetricDefinition.All.Select(m => m.Name).ToList();
        if (trigger.Metric.Length > 0 && !known.Contains(trigger.Metric))
        {
            body.Wrong(
                "metric",
                $"Unknown metric '{trigger.Metric}'.",
                PolicySection.Nearest(trigger.Metric, known) ?? $"Use one of {string.Join(", ", known)}."
            );
        }

        if (trigger is { Bound: null, FallenBy: null })
        {
            body.Wrong("metric", $"{body.Owner} has no limit for the metric.", "Set `bound`, the worst acceptable value, or `fallen_by`.");
        }

        if (trigger.Source == PerformanceSource.Estimate && known.Contains(trigger.Metric) && !Estimated.Contains(trigger.Metric))
        {
            body.Wrong(
                "source",
                $"'{trigger.Metric}' cannot be estimated without labels: only {string.Join(", ", Estimated)} of binary classifiers can.",
                "Use `source: labels`."
            );
        }

        if (trigger.Every < TimeSpan.FromMinutes(1))
        {
            body.Wrong("every", "The scheduler runs once a minute.", "Use one minute or more.");
        }

        return trigger;
    }

    private static NewDataTrigger ReadNewData(string name, PolicySection body)
    {
        var trigger = new NewDataTrigger(name, body.Required("dataset", "Name the dataset whose uploads are counted."))
        {
            Rows = body.Whole("rows", 1),
            Files = body.Whole("files", 1),
        };
        if (trigger is { Rows: null, Files: null })
        {
            body.Wrong("dataset", $"{body.Owner} has neither `rows` nor `files`.", "Set `rows` or `files`.");
        }

        return trigger;
    }
}
