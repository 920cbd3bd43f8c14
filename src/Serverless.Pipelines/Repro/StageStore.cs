using Serverless.Data;
using Serverless.Pipelines.Projects;

namespace Serverless.Pipelines.Repro;

/// <summary>The files beside the data: locks, pointers, and what Git is to ignore.</summary>
internal sealed class StageStore(Repository repository, IReadOnlyList<RepoStage> plan)
{
    private readonly Lock turn = new();
    private readonly Dictionary<string, LockFile> locks = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> order = plan.SelectMany(s => s.Outs).Index().GroupBy(o => o.Item.FullPath, StringComparer.Ordinal)
        .ToDictionary(g => g.Key, g => g.First().Index, StringComparer.Ordinal);

    private readonly List<string> ignored = [];

    public void SaveLock(RepoStage stage, StageLock record) => Write(() =>
    {
        var path = Path.ChangeExtension(stage.File, ".lock");
        if (!locks.TryGetValue(path, out var file))
        {
            locks[path] = file = new LockFile(path);
        }

        file.Write(stage.Name!, record, plan.Index().First(s => s.Item == stage).Index);
    });

    /// <summary>Writes what the outputs are now into a .dvc file, in place.</summary>
    public void SavePointer(RepoStage stage, IReadOnlyList<OutputEntry> outs) => Write(() =>
    {
        var pointer = PointerFile.Load(repository, stage.File);
        var changed = pointer.Outputs.Select(o => (DataNode)(outs.FirstOrDefault(n => n.Path == o.Path) is { Content: { } content } ? o.With(content) : o).Source);
        pointer.Save(pointer.Document.With("outs", new DataList([.. changed])));
    });

    /// <summary>Lets Git ignore outputs. What Git keeps already is refused: it would have two owners.</summary>
    public void Ignore(IReadOnlyList<string> paths)
    {
        if (repository.GitRoot is { } root && paths.Count > 0
            && new GitTool(root).Tracked([.. paths.Select(p => Path.GetRelativePath(root, p).Replace('\\', '/'))]) is [var tracked, ..])
        {
            throw ServerlessException.Invalid(
                $"output '{tracked}' is already tracked by SCM (e.g. Git).", $"git rm -r --cached '{tracked}' && git commit -m \"stop tracking {tracked}\"; or say `cache: false`.");
        }

        lock (turn)
        {
            if (GitIgnore.Add(repository, paths).Count > 0)
            {
                ignored.AddRange(paths);
            }
        }
    }

    /// <summary>Whichever stage ended first, the lines stand in the plan's order.</summary>
    public void OrderIgnored()
    {
        foreach (var group in ignored.Distinct(StringComparer.Ordinal).GroupBy(Path.GetDirectoryName).Where(g => g.Count() > 1))
        {
            var wanted = group.OrderBy(p => order[p]).ToList();
            if (!wanted.SequenceEqual(group))
            {
                wanted.ForEach(p => GitIgnore.Remove(repository, p));
                GitIgnore.Add(repository, wanted);
            }
        }
    }

    /// <summary>Takes back what was added: DVC does so when a reproduction fails.</summary>
    public void ForgetIgnored()
    {
        lock (turn)
        {
            ignored.ForEach(p => GitIgnore.Remove(repository, p));
            ignored.Clear();
        }
    }

    // Neither DVC nor another command of ours writes meanwhile; while a stage's command runs, they may.
    private void Write(Action write)
    {
        lock (turn)
        {
            using var ours = repository.Lock();
            write();
        }
    }

    /// <summary>A file that is a link into the cache becomes one of its own: its stage will write it.</summary>
    public void Unprotect(string path)
    {
        if (repository.Cache.Links[0] is LinkKind.Hardlink or LinkKind.Symlink)
        {
            Serverless.Data.Unprotect.Run(path);
        }
    }
}
