using Serverless.Core;
using Serverless.Data.Cache;
using Serverless.Data.Git;
using Serverless.Data.Locks;
using Serverless.Data.Pointers;
using Serverless.Data.Repositories;
using Serverless.Data.Values;
using Serverless.Dvc.Projects;

namespace Serverless.Dvc.Repro;

/// <summary>The files beside the data: locks, pointers, and what Git is to ignore.</summary>
internal sealed class StageStore(Repository repository, IReadOnlyList<RepoStage> plan)
{
    private readonly Lock turn = new();
    private readonly Dictionary<string, LockFile> locks = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> order = plan.SelectMany(s => s.Outs)
        .Index()
        .GroupBy(o => o.Item.FullPath, StringComparer.Ordinal)
        .ToDictionary(g => g.Key, g => g.First().Index, StringComparer.Ordinal);

    private readonly List<string> ignored = [];
    private readonly SortedSet<string> changed = new(StringComparer.Ordinal);

    /// <summary>The files that were written and belong into Git.</summary>
    public IReadOnlyList<string> Changed => [.. changed];

    /// <summary>
    /// Records what the stage read and wrote: content into the cache, then what Git is to ignore, then the lock or pointer.
    /// </summary>
    public void Save(RepoStage stage, StageRecord record, bool noCommit)
    {
        var inputs = stage.IsPipelineStage ? record.Inputs(stage) : null;
        record.Check(stage);
        Ignore([.. stage.Outs.Where(o => o.UseCache && o.IsInProject).Select(o => o.FullPath)]);

        if (inputs is null)
        {
            SavePointer(stage, record.Outputs(stage, noCommit));
            return;
        }

        var run = inputs with { Outs = record.Outputs(stage, noCommit) };
        if (!noCommit && stage.Outs.TrueForAll(o => o.UseCache || o.Metric || o.Plot is not null))
        {
            record.SaveRun(stage, run);
        }

        SaveLock(stage, run);
    }

    private void SaveLock(RepoStage stage, StageLock record) =>
        Write(() =>
        {
            var path = Path.ChangeExtension(stage.File, ".lock");
            changed.Add(path);
            if (!locks.TryGetValue(path, out var file))
            {
                locks[path] = file = new LockFile(path);
            }

            file.Write(stage.Name!, record, plan.Index().First(s => s.Item == stage).Index);
        });

    /// <summary>Writes what the outputs are now into a .dvc file, in place.</summary>
    private void SavePointer(RepoStage stage, IReadOnlyList<OutputEntry> outs) =>
        Write(() =>
        {
            var pointer = PointerFile.Load(repository, stage.File);
            var now = pointer.Outputs.Select(o =>
                (DataNode)(outs.FirstOrDefault(n => n.Path == o.Path) is { Content: { } content } ? o.With(content) : o).Source
            );
            var document = pointer.Document.With("outs", new DataList([.. now]));
            pointer.Save(document["md5"] is null ? document : PointerDigest.Renew(document));
            changed.Add(stage.File);
        });

    /// <summary>Lets Git ignore outputs. What Git keeps already is refused: it would have two owners.</summary>
    private void Ignore(IReadOnlyList<string> paths)
    {
        if (
            repository.GitRoot is { } root
            && paths.Count > 0
            && new GitTool(root).Tracked([.. paths.Select(p => Path.GetRelativePath(root, p).Replace('\\', '/'))]) is [var tracked, ..]
        )
        {
            throw ServerlessException.Invalid(
                $"output '{tracked}' is already tracked by SCM (e.g. Git).",
                $"git rm -r --cached '{tracked}' && git commit -m \"stop tracking {tracked}\"; or say `cache: false`."
            );
        }

        lock (turn)
        {
            if (GitIgnore.Add(repository, paths) is { Count: > 0 } files)
            {
                ignored.AddRange(paths);
                changed.UnionWith(files);
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
            Serverless.Data.Operations.Unprotect.Run(path);
        }
    }
}
