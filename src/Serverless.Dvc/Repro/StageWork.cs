using System.Diagnostics;
using Serverless.Core;
using Serverless.Data.Locks;
using Serverless.Data.Pointers;
using Serverless.Dvc.Projects;

namespace Serverless.Dvc.Repro;

/// <summary>Reproduces one stage: checks for changes, restores an earlier result or runs the stage, and records the result.</summary>
internal sealed class StageWork(
    WorkData data,
    StageRecord record,
    StageShell shell,
    StageStore store,
    StageFetch? fetch,
    ReproOptions options,
    Action<ReproEvent> tell
)
{
    private readonly StageStatus status = new(data, record);

    public async Task<StageReport> RunAsync(
        RepoStage stage,
        bool isForced,
        IReadOnlyList<RepoStage> upstream,
        CancellationToken cancellationToken
    )
    {
        var why = new List<string>();
        if (isForced)
        {
            why.Add(options.Force ? "it was forced" : "a stage before it was reproduced");
        }
        else
        {
            var changes = status.Changes(stage, options.AllowMissing, upstream);
            if (changes.Count == 0)
            {
                tell(new ReproEvent.Unchanged(stage.Addressing, !stage.IsPipelineStage && stage.Command is null));
                return new StageReport(stage.Addressing, StageEnd.Unchanged, []);
            }

            why.AddRange(
                stage is { IsPipelineStage: true, Lock: null }
                    ? ["it has not run before: the lock has no entry for it"]
                    : changes.Select(c => c.ToString())
            );
            if (options.Pull && status.Changes(stage, allowMissing: true, upstream).Count == 0 && await PullAsync(stage, cancellationToken))
            {
                return new StageReport(stage.Addressing, StageEnd.Pulled, why);
            }
        }

        tell(new ReproEvent.Changed(stage.Addressing, why));
        if (options.Confirm?.Invoke($"Going to reproduce {stage.Addressing}. Are you sure you want to continue?") == false)
        {
            throw ServerlessException.Invalid("reproduction aborted by the user");
        }

        var started = Stopwatch.GetTimestamp();
        var end = await ReproduceAsync(stage, isForced, cancellationToken);
        if (!options.Dry)
        {
            tell(new ReproEvent.Done(stage.Addressing, Stopwatch.GetElapsedTime(started)));
        }

        return new StageReport(stage.Addressing, end, why);
    }

    private async Task<StageEnd> ReproduceAsync(RepoStage stage, bool isForced, CancellationToken cancellationToken)
    {
        Refuse(stage);
        var end = StageEnd.Verified;
        if (stage is { Command: not null, Frozen: false })
        {
            end = await RunOrRestoreAsync(stage, isForced, cancellationToken);
        }
        else if (!options.Dry)
        {
            tell(new ReproEvent.Verifying(stage.Addressing, stage.Frozen));
            var missing = stage.Outs.Where(o => !o.IsElsewhere && !WorkData.Exists(o.FullPath)).Select(o => o.Shown).ToList();
            if (missing.Count > 0)
            {
                throw ServerlessException.NotFound(
                    $"missing data '{(missing.Count > 1 ? "sources" : "source")}': {string.Join(", ", missing)}",
                    "Restore it with `mlops pull` or `mlops checkout`."
                );
            }
        }

        if (!options.Dry)
        {
            store.Save(stage, record, options.NoCommit);
        }

        return end;
    }

    /// <summary>Rejects what only the platform supports, or only old DVC versions did.</summary>
    private static void Refuse(RepoStage stage)
    {
        if (stage is { IsPipelineStage: false, Command: not null })
        {
            throw ServerlessException.Invalid(
                $"'{stage.Addressing}' is a stage file of DVC 0 with a command.",
                "Move the stage into a dvc.yaml."
            );
        }

        if (stage is { IsImport: true, Frozen: false, IsPipelineStage: false })
        {
            throw ServerlessException.Invalid(
                $"'{stage.Addressing}' is an import that is not frozen, which `mlops repro` does not fetch.",
                "Fetch it with `mlops update`, or keep it unchanged with `frozen: true`."
            );
        }
    }

    private async Task<StageEnd> RunOrRestoreAsync(RepoStage stage, bool isForced, CancellationToken cancellationToken)
    {
        if (!options.Dry)
        {
            // The outputs of a stage must come from this run, except persistent ones.
            foreach (var output in stage.Outs.Where(o => o.IsInProject))
            {
                if (output.Persist)
                {
                    store.Unprotect(output.FullPath);
                }
                else
                {
                    WorkData.Remove(output.FullPath);
                }
            }
        }

        if (!isForced)
        {
            await FetchMissingDepsAsync(stage, cancellationToken);
            var (run, from) = Find(stage);
            if (run is not null && await IsWholeAsync(stage, run, cancellationToken))
            {
                tell(new ReproEvent.Restored(stage.Addressing, from));
                if (!options.Dry)
                {
                    Restore(stage, run);
                }

                return StageEnd.Restored;
            }
        }

        tell(new ReproEvent.Running(stage.Addressing));
        if (options.Dry)
        {
            foreach (var line in stage.CommandLines)
            {
                tell(new ReproEvent.Command(stage.Addressing, line));
            }

            return StageEnd.Ran;
        }

        if (stage.Resources is not null)
        {
            tell(
                new ReproEvent.Note(
                    stage.Addressing,
                    "`resources` requires a container, but none is configured for `mlops repro`, so the command runs on this machine"
                )
            );
        }

        if (isForced)
        {
            // Nothing was looked up yet, so nothing was missed.
            await FetchMissingDepsAsync(stage, cancellationToken);
        }

        await shell.RunAsync(stage, cancellationToken);
        return StageEnd.Ran;
    }

    // The lock's own outputs if no input has changed, otherwise the newest run with the same inputs.
    private (StageLock? Run, string From) Find(RepoStage stage)
    {
        StageLock inputs;
        try
        {
            inputs = record.Inputs(stage);
        }
        catch (ServerlessException) when (options.Dry)
        {
            return default;
        }

        if (!StageRecord.CanBeKept(stage, inputs))
        {
            return default;
        }

        if (
            stage.Lock is { } locked
            && !stage.IsCommandChanged
            && AreInputsAsLocked(stage)
            && stage.Outs.All(o => o.Recorded?.Digest is not null)
        )
        {
            return (locked, "the lock: the inputs are unchanged, only outputs were missing or changed");
        }

        if (!options.RunCache)
        {
            return default;
        }

        var probe = inputs with { Outs = [.. stage.Outs.Select(o => OutputEntry.NewLocked(o.DefPath, null))] };
        return (data.Runs.Newest(RunCacheKey.Key(probe)), "the run cache: the same command has run with the same inputs before");
    }

    private bool AreInputsAsLocked(RepoStage stage) =>
        status.Changes(stage, allowMissing: false, []).TrueForAll(c => c.Of is not (ChangeOf.Dep or ChangeOf.Param));

    private async Task<bool> IsWholeAsync(RepoStage stage, StageLock run, CancellationToken cancellationToken)
    {
        if (IsWhole(stage, run) || fetch is null)
        {
            return IsWhole(stage, run);
        }

        await TryAsync(stage, () => fetch.OutputsAsync(run, cancellationToken));
        return IsWhole(stage, run);
    }

    private bool IsWhole(RepoStage stage, StageLock run) =>
        stage.Outs.All(o => run.Outs.FirstOrDefault(e => e.Path == o.DefPath) is { } entry && data.IsCached(entry));

    private void Restore(RepoStage stage, StageLock run)
    {
        foreach (var output in stage.Outs)
        {
            data.CheckOut(run.Outs.First(e => e.Path == output.DefPath), output.FullPath);
        }
    }

    private async Task FetchMissingDepsAsync(RepoStage stage, CancellationToken cancellationToken)
    {
        var missing = stage.Deps.Where(d => !d.IsElsewhere && !WorkData.Exists(d.FullPath)).Select(d => d.FullPath).ToList();
        if (fetch is not null && missing.Count > 0)
        {
            await TryAsync(stage, () => fetch.PathsAsync(missing, cancellationToken));
        }
    }

    private async Task<bool> PullAsync(RepoStage stage, CancellationToken cancellationToken)
    {
        if (fetch is null)
        {
            return false;
        }

        tell(new ReproEvent.Note(stage.Addressing, "its data is missing but otherwise unchanged, so it is pulled"));
        await TryAsync(stage, () => fetch.PathsAsync([.. stage.Outs.Select(o => o.FullPath)], cancellationToken));
        return stage.Outs.TrueForAll(o => data.IsAsRecorded(o.FullPath, o.Recorded));
    }

    // What cannot be fetched is created: the stage runs, or reports what is missing.
    private async Task TryAsync(RepoStage stage, Func<Task> work)
    {
        try
        {
            await work();
        }
        catch (ServerlessException e)
        {
            tell(new ReproEvent.Note(stage.Addressing, $"some data could not be pulled: {e.Message}"));
        }
    }
}
