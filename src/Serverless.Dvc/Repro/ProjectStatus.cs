using Serverless.Core;
using Serverless.Data.Values;
using Serverless.Dvc.Projects;

namespace Serverless.Dvc.Repro;

/// <summary>Compares a project with its locks and pointers, in the format of `dvc status --json`.</summary>
public static class ProjectStatus
{
    /// <param name="targets">Stages, files, outputs; none for all.</param>
    /// <param name="withDeps">Includes the dependencies of the targets.</param>
    /// <param name="isRecursive">Whether a folder selects all stages in it.</param>
    public static DataMap Read(Project project, IReadOnlyList<string> targets, bool withDeps = false, bool isRecursive = false)
    {
        var index = project.WorkTree.Index;
        var status = new StageStatus(new WorkData(project.Repository!));
        var stages = targets.Count == 0 ? index.Stages : Stages(index, targets, withDeps, isRecursive);
        return DataValues.Map([.. stages.Select(s => (s.Addressing, (DataNode?)Changes(status.All(s))))]);
    }

    /// <summary>Resolves targets to stages.</summary>
    internal static List<RepoStage> Stages(ProjectIndex index, IReadOnlyList<string> targets, bool withDeps, bool isRecursive)
    {
        var graph = new ProjectGraph(index.Stages);
        var finder = new StageTargets(index);
        var found = new List<RepoStage>();
        foreach (var target in targets)
        {
            try
            {
                found.AddRange(finder.Collect(target, isRecursive ? graph : null));
            }
            catch (ServerlessException) when (graph.Outs.Overlapping(Path.GetFullPath(Path.Combine(index.Paths.Here, target))).Any())
            {
                found.AddRange(graph.Outs.Overlapping(Path.GetFullPath(Path.Combine(index.Paths.Here, target))).Select(o => o.Stage));
            }
        }

        return withDeps ? ProjectGraph.PostOrder(found, graph.UpstreamOf) : [.. found.Distinct()];
    }

    private static DataList? Changes(List<StageChange> changes)
    {
        var result = new List<DataNode>();
        Add("changed deps", changes.Where(c => c.Of is ChangeOf.Dep or ChangeOf.Param));
        Add("changed outs", changes.Where(c => c.Of == ChangeOf.Out));
        result.AddRange(
            changes
                .Where(c => c.Of is ChangeOf.Always or ChangeOf.Command or ChangeOf.Pointer)
                .Select(c =>
                    (DataNode)
                        DataScalar.Text(
                            c.Of switch
                            {
                                ChangeOf.Always => "always changed",
                                ChangeOf.Command => "changed command",
                                _ => "changed checksum",
                            }
                        )
                )
        );
        return result.Count == 0 ? null : new DataList(result);

        void Add(string name, IEnumerable<StageChange> changed)
        {
            // A parameter is listed under its file. Everything else is one word for the path.
            var entries = changed
                .GroupBy(c => c.Path, StringComparer.Ordinal)
                .Select(g =>
                    (
                        g.Key,
                        (DataNode?)(
                            g.First().Key is null
                                ? DataScalar.Text(g.Last().State)
                                : DataValues.Map([
                                    .. g.Where(c => c.Key is not null).Select(c => (c.Key!, (DataNode?)DataScalar.Text(c.State))),
                                ])
                        )
                    )
                )
                .ToList();
            if (entries.Count > 0)
            {
                result.Add(DataValues.Map((name, DataValues.Map([.. entries]))));
            }
        }
    }
}
