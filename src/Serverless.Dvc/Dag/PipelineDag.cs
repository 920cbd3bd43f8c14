using Serverless.Core;
using Serverless.Dvc.Projects;

namespace Serverless.Dvc.Dag;

/// <summary>The output format of a graph.</summary>
public enum DagFormat
{
    Ascii,
    Dot,
    Mermaid,

    /// <summary>Mermaid in a Markdown code block.</summary>
    Markdown,
}

/// <summary>Draws the graph of a project, as in `dvc dag`.</summary>
public static class PipelineDag
{
    /// <param name="project">The project.</param>
    /// <param name="target">A stage, a file or an output; null for everything.</param>
    /// <param name="outs">Draws the outputs instead of the stages that write them.</param>
    /// <param name="full">Draws everything connected to the target, not only its dependencies.</param>
    /// <param name="format">The output format.</param>
    public static string Draw(Project project, string? target, bool outs, bool full, DagFormat format)
    {
        var index = project.WorkTree.Index;
        var graph = new ProjectGraph(index.Stages);
        var names = outs ? NameGraph.OfOuts(graph) : NameGraph.OfStages(graph);
        if (target is not null)
        {
            names = names.Around(Targets(index, graph, target, outs), full);
        }

        return format switch
        {
            DagFormat.Dot => GraphText.Dot(names),
            DagFormat.Mermaid => GraphText.Mermaid(names) + "\n",
            DagFormat.Markdown => $"```mermaid\n{GraphText.Mermaid(names)}\n```\n",
            _ => AsciiDrawing.Draw(names) + "\n",
        };
    }

    private static List<string> Targets(ProjectIndex index, ProjectGraph graph, string target, bool outs)
    {
        var full = Path.GetFullPath(Path.Combine(index.Paths.Here, target));
        try
        {
            var stages = new StageTargets(index).Collect(target);
            return outs ? [.. stages.SelectMany(s => s.Outs).Select(o => o.Shown)] : [.. stages.Select(s => s.Addressing)];
        }
        catch (ServerlessException) when (graph.Outs.Overlapping(full).Any())
        {
            return [.. graph.Outs.Overlapping(full).Select(o => outs ? o.Shown : o.Stage.Addressing).Distinct(StringComparer.Ordinal)];
        }
    }
}
