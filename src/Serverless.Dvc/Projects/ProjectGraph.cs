using Serverless.Core;

namespace Serverless.Dvc.Projects;

/// <summary>The dependencies between stages: a stage depends on those whose outputs it reads. The errors are DVC's.</summary>
internal sealed class ProjectGraph
{
    private readonly Dictionary<RepoStage, List<RepoStage>> upstream = [];
    private readonly Dictionary<RepoStage, List<RepoStage>> downstream = [];

    public ProjectGraph(IReadOnlyList<RepoStage> stages)
    {
        Stages = stages;
        Outs = new OutsTree(stages);
        foreach (var stage in stages)
        {
            if (Outs.Holding(stage.File) is { } holder)
            {
                throw ServerlessException.Invalid(
                    $"{Words(stage)} is within an output '{holder.Shown}' of another stage",
                    "Move the file out of that folder, or use another output path."
                );
            }
        }

        foreach (var stage in stages)
        {
            upstream[stage] = [];
            downstream[stage] = [];
        }

        foreach (var stage in stages.Where(s => !s.IsRepoImport))
        {
            foreach (var path in ReadPaths(stage))
            {
                foreach (var writer in Outs.Overlapping(path).Select(o => o.Stage).Where(w => !upstream[stage].Contains(w)))
                {
                    upstream[stage].Add(writer);
                    downstream[writer].Add(stage);
                }
            }
        }

        CheckCycles();
    }

    public IReadOnlyList<RepoStage> Stages { get; }

    public OutsTree Outs { get; }

    /// <summary>Returns the stages whose outputs the stage reads.</summary>
    public IReadOnlyList<RepoStage> UpstreamOf(RepoStage stage) => upstream.GetValueOrDefault(stage) ?? [];

    /// <summary>Returns the stages that read the stage's outputs.</summary>
    public IReadOnlyList<RepoStage> DownstreamOf(RepoStage stage) => downstream.GetValueOrDefault(stage) ?? [];

    /// <summary>Returns the local files and folders that a stage reads.</summary>
    public static IEnumerable<string> ReadPaths(RepoStage stage) =>
        stage.Deps.Where(d => !d.IsElsewhere).Select(d => d.FullPath).Concat(stage.Params.Select(p => p.FullPath));

    /// <summary>Returns each stage after all stages that <paramref name="next"/> leads to, depth first.</summary>
    public static List<RepoStage> PostOrder(IEnumerable<RepoStage> starts, Func<RepoStage, IEnumerable<RepoStage>> next)
    {
        var order = new List<RepoStage>();
        var seen = new HashSet<RepoStage>();
        var path = new Stack<(RepoStage Stage, IEnumerator<RepoStage> Next)>();
        foreach (var start in starts.Where(seen.Add))
        {
            path.Push((start, next(start).GetEnumerator()));
            while (path.TryPeek(out var top))
            {
                if (!top.Next.MoveNext())
                {
                    order.Add(path.Pop().Stage);
                }
                else if (seen.Add(top.Next.Current))
                {
                    path.Push((top.Next.Current, next(top.Next.Current).GetEnumerator()));
                }
            }
        }

        return order;
    }

    private static string Words(RepoStage stage) => $"stage: '{stage.Addressing}'";

    private void CheckCycles()
    {
        var done = new HashSet<RepoStage>();
        foreach (var start in Stages)
        {
            var path = new List<(RepoStage Stage, int Next)>();
            var onPath = new HashSet<RepoStage>();
            if (!done.Contains(start))
            {
                path.Add((start, 0));
                onPath.Add(start);
            }

            while (path.Count > 0)
            {
                var (stage, next) = path[^1];
                if (next == upstream[stage].Count)
                {
                    path.RemoveAt(path.Count - 1);
                    onPath.Remove(stage);
                    done.Add(stage);
                    continue;
                }

                path[^1] = (stage, next + 1);
                var to = upstream[stage][next];
                if (onPath.Contains(to))
                {
                    var names = path.Select(p => p.Stage)
                        .SkipWhile(s => s != to)
                        .Select(s => s.Addressing)
                        .Order(StringComparer.Ordinal)
                        .ToList();
                    throw ServerlessException.Invalid(
                        $"Same item(s) are defined as both a dependency and an output in {(names.Count == 1 ? "stage" : "stages")}: "
                            + $"{string.Join(", ", names)}.",
                        names.Count == 1 ? "Use different files for reading and writing." : "Remove one of these dependencies."
                    );
                }

                if (!done.Contains(to))
                {
                    path.Add((to, 0));
                    onPath.Add(to);
                }
            }
        }
    }
}
