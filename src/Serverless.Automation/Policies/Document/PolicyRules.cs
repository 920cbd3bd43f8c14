namespace Serverless.Automation.Policies.Document;

/// <summary>Combinations of a policy's parts that cannot work.</summary>
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
                    $"A trigger looks at the dataset '{dataset}', but no path of the pipeline takes its data: every run would learn "
                        + $"the same again.",
                    PolicySection.Nearest(dataset, policy.Data.Select(d => d.Dataset))
                        ?? $"Say under `data` which path it takes the place of, such as `data: {{data/train.csv: {dataset}}}`."
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
                $"The dataset '{twice.Key}' takes the place of {twice.Count()} paths: {string.Join(", ", twice.Select(t => t.Path))}.",
                "Bind it to one; let the pipeline's other stages read that."
            );
        }

        if (policy.Limits.QuietHours is { } quiet && policy.Triggers.OfType<ScheduleTrigger>().ToList() is { Count: > 0 } schedules)
        {
            foreach (var schedule in schedules.Where(s => IsAlwaysQuiet(s, quiet)))
            {
                // It would not be wrong, only always late: what the person means is another time.
                root.Wrong(
                    "limits",
                    $"Every time of the schedule '{schedule.Cron}' is within the quiet hours.",
                    "Move the schedule, or the quiet hours."
                );
            }
        }
    }

    /// <summary>A dataset is a folder of the inbox.</summary>
    public static bool IsDatasetName(string name) =>
        name.Length is > 0 and <= 100 && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.') && name[0] != '.';

    private static void CheckName(PolicySection root, string key, string dataset)
    {
        if (dataset.Length > 0 && !IsDatasetName(dataset))
        {
            root.Wrong(key, $"'{dataset}' is no name of a dataset.", "Use letters, digits, '-', '_' and '.'.");
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
