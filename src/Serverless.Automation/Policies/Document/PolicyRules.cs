namespace Serverless.Automation.Policies.Document;

/// <summary>Finds parts of a policy that contradict each other.</summary>
public static class PolicyRules
{
    internal static void Check(TrainingPolicy policy, PolicySection root)
    {
        foreach (
            var dataset in policy
                .Triggers.Select(t => (t as DriftTrigger)?.Dataset ?? (t as NewDataTrigger)?.Dataset)
                .OfType<string>()
                .Where(d => d.Length > 0)
                .Distinct(StringComparer.Ordinal)
        )
        {
            CheckName(root, "triggers", dataset);
            if (policy.BindingOf(dataset) is null)
            {
                root.Wrong(
                    "triggers",
                    $"A trigger uses the dataset '{dataset}', but no path of the pipeline is bound to it: every run would train on the "
                        + "same data.",
                    PolicySection.Nearest(dataset, policy.Data.Select(d => d.Dataset))
                        ?? $"Bind the dataset to a path under `data`, such as `data: {{data/train.csv: {dataset}}}`."
                );
            }
        }

        foreach (var binding in policy.Data)
        {
            CheckName(root, "data", binding.Dataset);
        }

        foreach (var twice in policy.Data.GroupBy(d => d.Dataset, StringComparer.Ordinal).Where(g => g.Count() > 1))
        {
            root.Wrong(
                "data",
                $"The dataset '{twice.Key}' is bound to {twice.Count()} paths: {string.Join(", ", twice.Select(t => t.Path))}.",
                "Bind it to one path, and let the other stages read that path."
            );
        }

        if (policy.Limits.QuietHours is { } quiet && policy.Triggers.OfType<ScheduleTrigger>().ToList() is { Count: > 0 } schedules)
        {
            foreach (var schedule in schedules.Where(s => IsAlwaysQuiet(s, quiet)))
            {
                // Not invalid, but every run would be late: the author surely means another time.
                root.Wrong(
                    "limits",
                    $"All times of the schedule '{schedule.Cron}' are within the quiet hours.",
                    "Change the schedule or the quiet hours."
                );
            }
        }
    }

    /// <summary>A dataset is a folder in the inbox.</summary>
    public static bool IsDatasetName(string name) =>
        name.Length is > 0 and <= 100 && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.') && name[0] != '.';

    private static void CheckName(PolicySection root, string key, string dataset)
    {
        if (dataset.Length > 0 && !IsDatasetName(dataset))
        {
            root.Wrong(key, $"'{dataset}' is not a valid dataset name.", "Use letters, digits, '-', '_' and '.'.");
        }
    }

    private static bool IsAlwaysQuiet(ScheduleTrigger schedule, QuietHours quiet)
    {
        var at = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        for (var i = 0; i < 100; i++)
        {
            if (schedule.After(at) is not { } next)
            {
                return i > 0;
            }

            if (quiet.EndAt(next) is null)
            {
                return false;
            }

            at = next;
        }

        return true;
    }
}
