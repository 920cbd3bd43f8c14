using Serverless.Core;
using Serverless.Data.Cache;
using Serverless.Data.Git;
using Serverless.Data.Locks;
using Serverless.Data.Pointers;
using Serverless.Data.Repositories;
using Serverless.Data.Values;
using Serverless.Dvc.Projects;

namespace Serverless.Dvc.Repro;

/// <summary>Writes the files next to the data: locks, pointers, and `.gitignore`.</summary>
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

    /// <summary>Gets the written files to add to Git.</summary>
    public IReadOnlyList<string> Changed => [.. changed];

    /// <summary>Records what the stage read and wrote: content into the cache, then `.gitignore`, then the lock or pointer.</summary>
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

    /// <summary>Writes the current outputs into a .dvc file, in place.</summary>
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

    /// <summary>Makes Git ignore outputs. Rejects files that Git already tracks, which would have two owners.</summary>
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
                $"git rm -r --cached '{tracked}' && git commit -m \"stop tracking {tracked}\"; or set `cache: false`."
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

    /// <summary>Writes the lines in the order of the plan, whichever stage ended first.</summary>
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

    /// <summary>Reverts what was added, as DVC does when a reproduction fails.</summary>
    public void ForgetIgnored()
    {
        lock (turn)
        {
            ignored.ForEach(p => GitIgnore.Remove(repository, p));
            ignored.Clear();
        }
    }

    // Neither DVC nor our other commands write meanwhile. During a stage's command, they may.
    private void Write(Action write)
    {
        lock (turn)
        {
            using var ours = repository.Lock();
            write();
        }
    }

    /// <summary>Replaces a link into the cache by a separate file, because the stage will write it.</summary>
    public void Unprotect(string path)
    {
        if (repository.Cache.Links[0] is LinkKind.Hardlink or LinkKind.Symlink)
        {
            Serverless.Data.Operations.Unprotect.Run(path);
        }
    }
}
