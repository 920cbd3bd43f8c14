using Serverless.Dvc.Projects;
using Serverless.Dvc.Reading;

namespace Serverless.Dvc.Repro;

/// <summary>The stages to process, in DVC's order, and their dependencies.</summary>
internal sealed class ReproPlan
{
    private readonly ProjectGraph? graph;
    private readonly Dictionary<RepoStage, List<RepoStage>> before;

    private ReproPlan(ProjectGraph? graph, IReadOnlyList<RepoStage> stages)
    {
        this.graph = graph;
        Stages = stages;
        before = Conflicts(stages);
    }

    public IReadOnlyList<RepoStage> Stages { get; }

    public static ReproPlan Of(ProjectIndex index, ReproOptions options)
    {
        var graph = options.SingleItem && !options.Pipeline && !options.AllPipelines ? null : new ProjectGraph(index.Stages);
        var finder = new StageTargets(index);
        IReadOnlyList<string> targets = options.Targets.Count > 0 ? options.Targets : [DvcYaml.FileName];
        var named = options.AllPipelines
            ? []
            : targets
                .SelectMany(t => finder.Collect(t, options.Recursive ? graph ?? new ProjectGraph(index.Stages) : null, options.Glob))
                .Distinct()
                .ToList();
        if (graph is null)
        {
            return new ReproPlan(null, named);
        }

        var plan = new ReproPlan(graph, []);
        var chosen =
            named.Count == 0 ? [.. index.Stages]
            : options.Pipeline ? plan.Reach(named, s => plan.UpstreamOf(s).Concat(plan.DownstreamOf(s)))
            : plan.Reach(named, options.Downstream ? plan.DownstreamOf : plan.UpstreamOf);
        return new ReproPlan(
            graph,
            ProjectGraph.PostOrder(index.Stages.Where(chosen.Contains), s => plan.UpstreamOf(s).Where(chosen.Contains))
        );
    }

    /// <summary>Returns the stages whose outputs the stage reads. A frozen one reads nothing.</summary>
    public IEnumerable<RepoStage> UpstreamOf(RepoStage stage) => graph is null || stage.Frozen ? [] : graph.UpstreamOf(stage);

    public IEnumerable<RepoStage> DownstreamOf(RepoStage stage) => graph is null ? [] : graph.DownstreamOf(stage).Where(s => !s.Frozen);

    /// <summary>Returns everything that cannot run if this stage fails.</summary>
    public HashSet<RepoStage> DependentsOf(RepoStage stage)
    {
        var found = Reach([stage], DownstreamOf);
        found.Remove(stage);
        return found;
    }

    /// <summary>Returns the stages of the plan that must end before this one starts: earlier ones that write what it reads, or read what
    /// it writes.</summary>
    public IReadOnlyList<RepoStage> Before(RepoStage stage) => before[stage];

    private static Dictionary<RepoStage, List<RepoStage>> Conflicts(IReadOnlyList<RepoStage> stages)
    {
        var order = stages.Index().ToDictionary(s => s.Item, s => s.Index);
        var result = stages.ToDictionary(s => s, _ => new List<RepoStage>());
        var outs = new OutsTree(stages);
        foreach (var reader in stages.Where(s => !s.IsRepoImport))
        {
            foreach (
                var writer in ProjectGraph
                    .ReadPaths(reader)
                    .SelectMany(outs.Overlapping)
                    .Select(o => o.Stage)
                    .Where(w => w != reader)
                    .Distinct()
            )
            {
                var (first, second) = order[writer] < order[reader] ? (writer, reader) : (reader, writer);
                if (!result[second].Contains(first))
                {
                    result[second].Add(first);
                }
            }
        }

        return result;
    }

    private HashSet<RepoStage> Reach(IEnumerable<RepoStage> starts, Func<RepoStage, IEnumerable<RepoStage>> next) =>
        [.. ProjectGraph.PostOrder(starts, next)];
}
