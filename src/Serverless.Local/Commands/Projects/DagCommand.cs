using System.CommandLine;
using Serverless.Dvc.Dag;
using Serverless.Dvc.Projects;
using Serverless.Local.Commands.Data;

namespace Serverless.Local.Commands.Projects;

internal static class DagCommand
{
    public static Command Create()
    {
        var target = new Argument<string?>("target")
        {
            Description = "A stage, a dvc.yaml, a .dvc file or an output: only what leads to it is shown.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var dot = new Option<bool>("--dot") { Description = "Graphviz." };
        var mermaid = new Option<bool>("--mermaid") { Description = "Mermaid." };
        var markdown = new Option<bool>("--md") { Description = "Mermaid in a block of Markdown." };
        var outs = new Option<bool>("--outs", "-o") { Description = "The files and folders that are written, instead of the stages." };
        var full = new Option<bool>("--full") { Description = "All that is tied to the target, not only what leads to it." };
        var command = new Command("dag", "Shows which stage waits for which.") { target, dot, mermaid, markdown, outs, full }.WithExample(
            "mlops dag\nmlops dag train --md"
        );
        command.Guard(
            (parsed, _) =>
            {
                using var project = Project.Open(Environment.CurrentDirectory);
                var format =
                    parsed.GetValue(dot) ? DagFormat.Dot
                    : parsed.GetValue(markdown) ? DagFormat.Markdown
                    : parsed.GetValue(mermaid) ? DagFormat.Mermaid
                    : DagFormat.Ascii;
                Console.Out.Write(PipelineDag.Draw(project, parsed.GetValue(target), parsed.GetValue(outs), parsed.GetValue(full), format));
                return Task.FromResult(0);
            }
        );
        return command;
    }
}
