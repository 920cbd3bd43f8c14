using System.Globalization;
using System.Text;
using Serverless.Core;
using Serverless.Tracking.Models;
using Serverless.Tracking.Runs;

namespace Serverless.Automation.Hooks;

/// <summary>The report of a run for GitHub: one line as a status, a table as a comment.</summary>
internal static class HookReport
{
    private const int MostMetrics = 60;

    public static string StateOf(Run run) =>
        run.Status switch
        {
            RunStatus.Finished => "success",
            RunStatus.Killed => "error",
            _ => "failure",
        };

    public static string Line(Run run) =>
        run.Status switch
        {
            RunStatus.Finished => $"Run {run.Id[..8]} succeeded in {Duration(run)}.",
            RunStatus.Killed => $"Run {run.Id[..8]} was cancelled.",
            _ => $"Run {run.Id[..8]} failed: {run.Error?.Message ?? "see its log"}",
        };

    /// <param name="hook">The mapping and its run.</param>
    /// <param name="run">The run, ended.</param>
    /// <param name="champion">The run that created the version in production when this run began.</param>
    /// <param name="registered">The version that this run registered.</param>
    public static string Markdown(HookRun hook, Run run, Run? champion, ModelVersion? registered)
    {
        var text = new StringBuilder($"### mlops/{MarkdownText.Cell(hook.Mapping.Name)}: {Line(run)}\n\n");
        if (run.Error is { Fix: { } fix })
        {
            text.Append(MarkdownText.Cell(fix)).Append("\n\n");
        }

        if (registered is not null)
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $"Registered as **{MarkdownText.Cell(registered.Name)}** version {registered.Version}, stage {registered.Stage}.\n\n"
            );
        }

        if (run.Metrics.Count == 0)
        {
            return text.ToString();
        }

        text.Append(
            champion is null
                ? "| metric | this commit |\n|---|---|\n"
                : $"| metric | this commit | champion, version {hook.Champion} | difference |\n|---|---|---|---|\n"
        );
        foreach (var (name, point) in run.Metrics.OrderBy(m => m.Key, StringComparer.Ordinal).Take(MostMetrics))
        {
            text.Append(CultureInfo.InvariantCulture, $"| {MarkdownText.Cell(name)} | {point.Value:0.#####} |");
            if (champion is not null)
            {
                text.Append(
                    champion.Metrics.TryGetValue(name, out var theirs)
                        ? string.Create(
                            CultureInfo.InvariantCulture,
                            $" {theirs.Value:0.#####} | {point.Value - theirs.Value:+0.#####;-0.#####;0} |"
                        )
                        : " – | – |"
                );
            }

            text.Append('\n');
        }

        return text.ToString();
    }

    private static string Duration(Run run) =>
        run.EndTime is { } end
            ? (end - run.StartTime) switch
            {
                { TotalMinutes: < 1 } time => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.#} s"),
                { TotalHours: < 1 } time => $"{time.Minutes} min {time.Seconds} s",
                var time => $"{(int)time.TotalHours} h {time.Minutes} min",
            }
            : "an unknown time";
}
