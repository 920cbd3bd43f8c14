using System.CommandLine;
using System.Diagnostics;
using Serverless.Core;
using Serverless.Dvc.Compare;
using Serverless.Dvc.Projects;
using Serverless.Local.Commands.Data;
using Serverless.Local.Display;

namespace Serverless.Local.Commands.Projects;

internal static class PlotsCommand
{
    private const string Folder = "dvc_plots";

    public static Command Create() => new("plots", "Show and compare the plots of a project.") { Show(), Diff(), Templates() };

    private static Command Show()
    {
        var targets = new Argument<string[]>("targets")
        {
            Description = "Files, or plot IDs in dvc.yaml. Omit for all.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var options = new PlotOptions();
        var command = options.AddTo(
            new Command("show", "Write one HTML page with all plots, or their Vega-Lite specifications.") { targets }.WithExample(
                "mlops plots show\nmlops plots show roc.csv -x fpr -y tpr"
            )
        );
        command.Guard((parsed, _) => Task.FromResult(Run(options, parsed, _ => [], parsed.GetValue(targets) ?? [])));
        return command;
    }

    private static Command Diff()
    {
        var revisions = new Argument<string[]>("revisions")
        {
            Description = "Revisions to compare. [default: HEAD and the workspace]",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var targets = CompareOptions.Targets("plots");
        var options = new PlotOptions();
        var command = options.AddTo(
            new Command("diff", "Write one HTML page that overlays the plots of several revisions.") { revisions, targets }.WithExample(
                "mlops plots diff main\nmlops plots diff v1 v2 --targets loss.csv"
            )
        );
        command.Guard(
            (parsed, _) =>
                Task.FromResult(
                    Run(
                        options,
                        parsed,
                        project => ProjectPlots.Compared(project, parsed.GetValue(revisions) ?? []),
                        parsed.GetValue(targets) ?? []
                    )
                )
        );
        return command;
    }

    private static Command Templates()
    {
        var name = new Argument<string?>("template")
        {
            Description = "Template to write. Omit to list the templates.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var command = new Command("templates", "List the plot templates, or write one to standard output.") { name }.WithExample(
            "mlops plots templates\nmlops plots templates confusion"
        );
        command.Guard(
            (parsed, _) =>
            {
                Console.Out.WriteLine(
                    parsed.GetValue(name) is { } one ? ProjectPlots.Template(one).TrimEnd() : string.Join('\n', ProjectPlots.Templates)
                );
                return Task.FromResult(0);
            }
        );
        return command;
    }

    private static int Run(PlotOptions options, ParseResult parsed, Func<Project, IReadOnlyList<string>> revisionsOf, string[] targets)
    {
        var showVega = parsed.GetValue(options.ShowVega);
        if (showVega && (targets.Length != 1 || parsed.GetValue(options.Json)))
        {
            throw ServerlessException.Invalid(
                "`--show-vega` requires exactly one target and cannot be combined with `--json`.",
                "For example: mlops plots show loss.csv --show-vega"
            );
        }

        using var project = Project.Open(Environment.CurrentDirectory, isRequired: false);
        var plots = ProjectPlots.Read(
            project,
            revisionsOf(project),
            targets,
            options.Props(parsed),
            parsed.GetValue(options.NoHeader) ? false : null
        );
        CompareOptions.TellFailed(plots.Failed, "plots");
        var folder = parsed.GetValue(options.Out) ?? Folder;
        if (parsed.GetValue(options.Json))
        {
            Console.Out.WriteLine(plots.Json(folder));
        }
        else if (showVega)
        {
            Console.Out.Write(plots.Vega() is { } spec ? spec + "\n" : "");
        }
        else if (plots.IsEmpty)
        {
            Terminal.Tell("No plots were loaded, visualization file will not be created.");
        }
        else
        {
            var page = plots.WritePage(folder);
            Console.Out.WriteLine(new Uri(page).AbsoluteUri);
            if (parsed.GetValue(options.Open))
            {
                using var browser = Process.Start(new ProcessStartInfo(page) { UseShellExecute = true });
            }
        }

        return 0;
    }
}

/// <summary>Options shared by `plots show` and `plots diff`.</summary>
internal sealed class PlotOptions
{
    private readonly Option<string?> template = new("--template", "-t")
    {
        Description =
            "Template: linear, simple, smooth, scatter, scatter_jitter, confusion, confusion_normalized, bar_horizontal, "
            + "bar_horizontal_sorted or a file.",
    };
    private readonly Option<string?> x = new("-x") { Description = "Field of the x axis." };
    private readonly Option<string?> y = new("-y") { Description = "Field of the y axis." };
    private readonly Option<string?> title = new("--title") { Description = "Plot title." };
    private readonly Option<string?> xLabel = new("--x-label") { Description = "Title of the x axis." };
    private readonly Option<string?> yLabel = new("--y-label") { Description = "Title of the y axis." };

    public Option<bool> NoHeader { get; } = new("--no-header") { Description = "Read CSV and TSV files without a header row." };

    public Option<string?> Out { get; } = new("--out", "-o") { Description = "Destination folder. [default: dvc_plots]" };

    public Option<bool> ShowVega { get; } = new("--show-vega") { Description = "Write only the Vega-Lite specification of one target." };

    public Option<bool> Json { get; } = new("--json") { Description = "Write the specifications and images of all plots as JSON." };

    public Option<bool> Open { get; } = new("--open") { Description = "Open the page in the browser." };

    public Command AddTo(Command command)
    {
        foreach (var option in new Option[] { template, x, y, title, xLabel, yLabel, NoHeader, Out, ShowVega, Json, Open })
        {
            command.Add(option);
        }

        return command;
    }

    /// <summary>The options that were given. The plot's definition supplies the others.</summary>
    public Dictionary<string, string> Props(ParseResult parsed) =>
        new[] { ("template", template), ("x", x), ("y", y), ("title", title), ("x_label", xLabel), ("y_label", yLabel) }
            .Where(p => parsed.GetValue(p.Item2) is not null)
            .ToDictionary(p => p.Item1, p => parsed.GetValue(p.Item2)!);
}
