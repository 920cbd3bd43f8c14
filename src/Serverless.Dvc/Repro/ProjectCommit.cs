using Serverless.Core;
using Serverless.Dvc.Projects;

namespace Serverless.Dvc.Repro;

/// <summary>
/// Accepts the current work tree as the result of its stages and pointers: runs nothing, records everything and stores it in the cache.
/// </summary>
public static class ProjectCommit
{
    /// <param name="targets">Stages, files, outputs; none for all.</param>
    /// <param name="confirm">Confirms a stage that differs from its lock or pointer; null to skip the confirmation.</param>
    /// <returns>The files to add to Git.</returns>
    public static IReadOnlyList<string> Run(
        Project project,
        IReadOnlyList<string> targets,
        bool withDeps,
        bool isRecursive,
        Func<string, bool>? confirm
    )
    {
        var index = project.WorkTree.Index;
        var data = new WorkData(project.Repository!);
        var (record, store) = (new StageRecord(data), new StageStore(project.Repository!, [.. index.Stages]));
        foreach (var stage in targets.Count == 0 ? [.. index.Stages] : ProjectStatus.Stages(index, targets, withDeps, isRecursive))
        {
            if (confirm is not null && Question(stage, data) is { } question && !confirm(question))
            {
                throw ServerlessException.Conflict(
                    $"unable to commit changed stage: '{stage.Addressing}'. Use `-f|--force` to force.",
                    "Earlier commits are kept."
                );
            }

            store.Save(stage, record, noCommit: false);
        }

        return store.Changed;
    }

    // Content that is missing only in the cache is the purpose of a commit and needs no confirmation.
    private static string? Question(RepoStage stage, WorkData data)
    {
        var changes = new StageStatus(data).All(stage).Where(c => c.Of is not (ChangeOf.Out or ChangeOf.Always)).ToList();
        var parts = new List<string>();
        Add("dependencies", changes.Where(c => c.Of is ChangeOf.Dep or ChangeOf.Param).Select(c => c.Path));
        Add("outputs", stage.Outs.Where(o => !o.IsElsewhere && !data.IsAsRecorded(o.FullPath, o.Recorded)).Select(o => o.Shown));
        return parts.Count > 0
                ? $"{string.Join(" and ", parts)} of stage: '{stage.Addressing}' changed. Are you sure you want to commit it?"
            : changes.Count > 0 ? $"stage: '{stage.Addressing}' changed. Are you sure you want to commit it?"
            : null;

        void Add(string what, IEnumerable<string> paths)
        {
            var names = paths.Distinct(StringComparer.Ordinal).Select(p => $"'{p}'").ToList();
            if (names.Count > 0)
            {
                parts.Add($"{what} [{string.Join(", ", names)}]");
            }
        }
    }
}
