using System.CommandLine;
using System.Globalization;
using Serverless.Local.Display;
using Serverless.Tracking.Comparison;
using Spectre.Console;

namespace Serverless.Local.Commands.Runs;

/// <summary>`mlops runs compare`: shows runs side by side.</summary>
internal static class RunsCompareCommand
{
    private const int LongestValue = 40;

    public static Command Create()
    {
        var ids = new Argument<string[]>("id") { Description = "Run IDs, or unique prefixes.", Arity = ArgumentArity.OneOrMore };
        var html = new Option<FileInfo?>("--html")
        {
            Description = "Write an HTML page with parallel coordinates and metric curves to this file.",
        };
        var different = new Option<bool>("--different") { Description = "Show only values that differ." };
        var command = new Command("compare", "Compare the parameters and metrics of runs side by side. Marks values that differ.")
        {
            ids,
            html,
            different,
        }.WithExample("mlops runs compare 3f2a 81bc\nmlops runs compare 3f2a 81bc --html compared.html");
        command.OnHost(
            async (host, parsed, cancellationToken) =>
            {
                var comparison = await RunComparison.LoadAsync(host.Engine.Runs, parsed.GetValue(ids)!, cancellationToken);
                var table = new Table().Border(TableBorder.Simple).AddColumn("");
                foreach (var run in comparison.Runs)
                {
                    table.AddColumn($"{run.Id[..8]}\n{Markup.Escape(run.Name)}");
                }

                table.AddRow(["status", .. comparison.Runs.Select(r => RunText.Status(r.Status))]);
                table.AddRow(["time", .. comparison.Runs.Select(r => RunText.Time(r.EndTime - r.StartTime))]);
                Add(table, "params", comparison.Parameters, parsed.GetValue(different));
                Add(table, "metrics", comparison.Metrics, parsed.GetValue(different));
                Terminal.Out.Write(table);
                var count = comparison.Parameters.Count(p => p.IsDifferent);
                Terminal.Out.WriteLine(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"{count} of {comparison.Parameters.Count} params and {comparison.Metrics.Count(m => m.IsDifferent)} of "
                            + $"{comparison.Metrics.Count} metrics differ (≠)."
                    )
                );
                if (parsed.GetValue(html) is { } file)
                {
                    await File.WriteAllTextAsync(file.FullName, RunComparisonPage.Write(comparison), cancellationToken);
                    Terminal.Out.WriteLine($"Written: {file.FullName}");
                }

                return 0;
            }
        );
        return command;
    }

    private static void Add(Table table, string title, IReadOnlyList<ComparedValue> values, bool onlyDifferent)
    {
        var shown = values.Where(v => v.IsDifferent || !onlyDifferent).ToList();
        if (shown.Count == 0)
        {
            return;
        }

        table.AddEmptyRow().AddRow($"[bold]{title}[/]");
        foreach (var value in shown)
        {
            var style = value.IsDifferent ? "default" : "grey";
            table.AddRow([
                $"[{style}]{(value.IsDifferent ? "≠ " : "  ")}{Markup.Escape(value.Name)}[/]",
                .. value.Values.Select(v => $"[{style}]{Markup.Escape(Short(v))}[/]"),
            ]);
        }
    }

    private static string Short(string? value) =>
        value is null ? "-"
        : value.Length <= LongestValue ? value
        : string.Concat(value.AsSpan(0, LongestValue - 1), "…");
}
