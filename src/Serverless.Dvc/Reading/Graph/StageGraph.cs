using Serverless.Dvc.Reading.Stages;

namespace Serverless.Dvc.Reading.Graph;

/// <summary>The dependencies between stages.</summary>
internal sealed class StageGraph
{
    private readonly Dictionary<string, DvcStage> stages;
    private readonly Dictionary<string, List<(string To, int Line, bool IsFile)>> edges = new(StringComparer.Ordinal);

    public StageGraph(IReadOnlyList<DvcStage> all, OutputIndex outputs)
    {
        stages = all.ToDictionary(s => s.Name, StringComparer.Ordinal);
        foreach (var stage in all)
        {
            var own = edges[stage.Name] = [];
            foreach (var (path, line) in stage.Deps.Select(d => (d.Path, d.Line)).Concat(stage.Params.Select(p => (p.File, p.Line))))
            {
                if (outputs.Holding(path) is { } holder)
                {
                    own.Add((holder.Stage.Name, line, true));
                }

                own.AddRange(outputs.Inside(path).Select(o => (o.Stage.Name, line, true)));
            }

            own.AddRange(stage.After.Where(a => stages.ContainsKey(a.Stage)).Select(a => (a.Stage, a.Line, false)));
        }
    }

    public void Check(Findings findings)
    {
        foreach (var cycle in Cycles())
        {
            var names = cycle.Select(c => c.Stage).ToList();
            var path = string.Join(" → ", names.Append(names[0]));
            findings.Add(
                Errors.Cycle,
                cycle.All(c => c.IsFile)
                    ? $"Same item(s) are defined as both a dependency and an output in {(names.Count == 1 ? "stage" : "stages")}: "
                        + $"{string.Join(", ", names)}."
                    : $"Stages depend on one another: {string.Join(", ", names)}.",
                cycle[0].Line,
                names.Count == 1
                    ? $"'{names[0]}' depends on itself. Use different files for reading and writing."
                    : $"The cycle is {path}, where each depends on the next. Remove one of these dependencies."
            );
        }

        foreach (var (name, to) in edges)
        {
            foreach (var (needed, line, _) in to.Where(e => e.To != name && stages[e.To].Finally && !stages[name].Finally))
            {
                findings.Add(
                    Errors.Own,
                    $"stage '{name}' depends on '{needed}', which is a `finally` stage",
                    line,
                    $"`finally` stages run after all others. Make '{name}' one too, or make '{needed}' a regular stage."
                );
            }
        }
    }

    // One cycle for each group of mutually dependent stages. Uses an explicit stack because chains may be long.
    private List<List<(string Stage, int Line, bool IsFile)>> Cycles()
    {
        var found = new List<List<(string, int, bool)>>();
        var done = new HashSet<string>(StringComparer.Ordinal);
        var onPath = new Dictionary<string, int>(StringComparer.Ordinal);
        var inCycle = new HashSet<string>(StringComparer.Ordinal);
        foreach (var start in stages.Keys.Where(s => !done.Contains(s)))
        {
            var path = new List<(string Stage, int Next)> { (start, 0) };
            onPath[start] = 0;
            while (path.Count > 0)
            {
                var (stage, next) = path[^1];
                if (next == edges[stage].Count)
                {
                    path.RemoveAt(path.Count - 1);
                    onPath.Remove(stage);
                    done.Add(stage);
                    continue;
                }

                path[^1] = (stage, next + 1);
                var to = edges[stage][next].To;
                if (onPath.TryGetValue(to, out var position))
                {
                    var cycle = path[position..];
                    if (cycle.All(c => !inCycle.Contains(c.Stage)))
                    {
                        inCycle.UnionWith(cycle.Select(c => c.Stage));
                        found.Add([.. cycle.Select(c => (c.Stage, edges[c.Stage][c.Next - 1].Line, edges[c.Stage][c.Next - 1].IsFile))]);
                    }
                }
                else if (!done.Contains(to))
                {
                    onPath[to] = path.Count;
                    path.Add((to, 0));
                }
            }
        }

        return found;
    }
}
