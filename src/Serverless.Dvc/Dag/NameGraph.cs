using Serverless.Dvc.Projects;

namespace Serverless.Dvc.Dag;

/// <summary>The graph to draw: names with their dependencies.</summary>
internal sealed class NameGraph
{
    private readonly OrderedDictionary<string, List<string>> upstream = new(StringComparer.Ordinal);

    public IReadOnlyList<string> Nodes => [.. upstream.Keys];

    /// <summary>Gets the edges from a dependency to its dependent.</summary>
    public IEnumerable<(string From, string To)> Edges => upstream.SelectMany(n => n.Value.Select(up => (up, n.Key)));

    public static NameGraph OfStages(ProjectGraph graph)
    {
        var result = new NameGraph();
        foreach (var stage in graph.Stages)
        {
            result.upstream[stage.Addressing] = [.. graph.UpstreamOf(stage).Select(u => u.Addressing)];
        }

        return result;
    }

    public static NameGraph OfOuts(ProjectGraph graph)
    {
        var result = new NameGraph();
        foreach (var output in graph.Outs.All)
        {
            var stage = output.Stage;
            result.upstream[output.Shown] = stage.IsRepoImport
                ? []
                :
                [
                    .. ProjectGraph
                        .ReadPaths(stage)
                        .SelectMany(graph.Outs.Overlapping)
                        .Select(o => o.Shown)
                        .Distinct(StringComparer.Ordinal),
                ];
        }

        return result;
    }

    /// <summary>Returns only what leads to the targets, or with <paramref name="full"/> everything connected to them.</summary>
    public NameGraph Around(IReadOnlyCollection<string> targets, bool full)
    {
        var kept = Reach(targets, name => full ? Neighbours(name) : upstream[name]);
        var result = new NameGraph();
        foreach (var (name, up) in upstream.Where(n => kept.Contains(n.Key)))
        {
            result.upstream[name] = [.. up.Where(kept.Contains)];
        }

        return result;
    }

    /// <summary>Returns the connected components.</summary>
    public IEnumerable<NameGraph> Parts()
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var name in upstream.Keys.Where(n => !seen.Contains(n)))
        {
            var part = Around([name], full: true);
            seen.UnionWith(part.upstream.Keys);
            yield return part;
        }
    }

    public IReadOnlyList<string> UpstreamOf(string name) => upstream[name];

    private IEnumerable<string> Neighbours(string name) =>
        upstream[name].Concat(upstream.Where(n => n.Value.Contains(name)).Select(n => n.Key));

    private static HashSet<string> Reach(IEnumerable<string> starts, Func<string, IEnumerable<string>> next)
    {
        var found = new HashSet<string>(StringComparer.Ordinal);
        var open = new Stack<string>(starts);
        while (open.TryPop(out var name))
        {
            if (found.Add(name))
            {
                foreach (var other in next(name))
                {
                    open.Push(other);
                }
            }
        }

        return found;
    }
}
