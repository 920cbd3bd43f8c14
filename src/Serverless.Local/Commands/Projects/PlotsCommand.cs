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

    public static Command Create() => new("plots", "Plots of a project.") { Show(), Diff(), Templates() };

    private static Command Show()
    {
        var targets = new Argument<string[]>("targets")
        {
            Description = "Files, or ids of plots in dvc.yaml (default: all).",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var options = new PlotOptions();
        var command = options.AddTo(
            new Command("show", "Writes one page with all plots, and their Vega-Lite specifications.") { targets }.WithExample(
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
            Description = "Revisions to compare (default: HEAD and the work tree).",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var targets = CompareOptions.Targets("plots");
        var options = new PlotOptions();
        var command = options.AddTo(
            new Command("diff", "Writes one page with the plots of several revisions in one another.") { revisions, targets }.WithExample(
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
        var name = new Argument<string?>("template") { Description = "The one to write out.", Arity = ArgumentArity.ZeroOrOne };
        var command = new Command("templates", "Lists the templates, or writes one out.") { name }.WithExample(
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
                "`--show-vega` takes exactly one target, and no `--json`.",
                "mlops plots show loss.csv --show-vega"
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

/// <summary>The options that both commands of plots take.</summary>
internal sealed class PlotOptions
{
    private readonly Option<string?> template = new("--template", "-t")
    {
        Description =
            "linear, simple, smooth, scatter, scatter_jitter, confusion, confusion_normalized, bar_horizontal, bar_horizontal_sorted, "
            + "or a file.",
    };
    private readonly Option<string?> x = new("-x") { Description = "The field of the x axis." };
    private readonly Option<string?> y = new("-y") { Description = "The field of the y axis." };
    private readonly Option<string?> title = new("--title") { Description = "The title." };
    private readonly Option<string?> xLabel = new("--x-label") { Description = "The x axis's title." };
    private readonly Option<string?> yLabel = new("--y-label") { Description = "The y axis's title." };

    public Option<bool> NoHeader { get; } = new("--no-header") { Description = "CSV and TSV files have no line of names." };

    public Option<string?> Out { get; } = new("--out", "-o") { Description = "The folder to write to (default: dvc_plots)." };

    public Option<bool> ShowVega { get; } = new("--show-vega") { Description = "Only the Vega-Lite specification of one target." };

    public Option<bool> Json { get; } = new("--json") { Description = "Specifications and images of all plots, as JSON." };

    public Option<bool> Open { get; } = new("--open") { Description = "Opens the page in the browser." };

    public Command AddTo(Command command)
    {
        foreach (var option in new Option[] { template, x, y, title, xLabel, yLabel, NoHeader, Out, ShowVega, Json, Open })
        {
            command.Add(option);
        }

        return command;
    }

    /// <summary>Only what was given: all else is the definition's.</summary>
    public Dictionary<string, string> Props(ParseResult parsed) =>
        new[] { ("template", template), ("x", x), ("y", y), ("title", title), ("x_label", xLabel), ("y_label", yLabel) }
            .Where(p => parsed.GetValue(p.Item2) is not null)
            .ToDictionary(p => p.Item1, p => parsed.GetValue(p.Item2)!);
}
