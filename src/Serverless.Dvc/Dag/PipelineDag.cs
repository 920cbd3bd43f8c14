using Serverless.Core;
using Serverless.Dvc.Projects;

namespace Serverless.Dvc.Dag;

/// <summary>How a graph is written.</summary>
public enum DagFormat
{
    Ascii,
    Dot,
    Mermaid,

    /// <summary>Mermaid in a block of Markdown.</summary>
    Markdown,
}

/// <summary>The graph of a project, as `dvc dag` shows it.</summary>
public static class PipelineDag
{
    /// <param name="project">The project.</param>
    /// <param name="target">A stage, a file or an output; null for everything.</param>
    /// <param name="outs">True: what is written instead of the stages that write it.</param>
    /// <param name="full">True: all that is tied to the target, not only what leads to it.</param>
    /// <param name="format">How it is written.</param>
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
