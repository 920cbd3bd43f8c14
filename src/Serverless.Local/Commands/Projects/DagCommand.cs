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
            Description = "Show only the stages that lead to this stage, dvc.yaml, .dvc file or output.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var dot = new Option<bool>("--dot") { Description = "Write a Graphviz graph." };
        var mermaid = new Option<bool>("--mermaid") { Description = "Write a Mermaid diagram." };
        var markdown = new Option<bool>("--md") { Description = "Write a Mermaid diagram in a Markdown code block." };
        var outs = new Option<bool>("--outs", "-o") { Description = "Show outputs instead of stages." };
        var full = new Option<bool>("--full") { Description = "Show the whole graph that the target is part of." };
        var command = new Command("dag", "Show the dependency graph of the stages.")
        {
            target,
            dot,
            mermaid,
            markdown,
            outs,
            full,
        }.WithExample("mlops dag\nmlops dag train --md");
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
