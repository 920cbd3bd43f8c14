using System.Text.Json;
using Serverless.Core;
using Serverless.Pipelines.Execution;
using Serverless.Pipelines.Model;
using Serverless.Pipelines.Orchestration;
using Serverless.Storage;
using Serverless.Storage.Tables;
using Serverless.Tracking.Roles;
using Serverless.Tracking.Runs;

namespace Serverless.Pipelines.Engines.Local;

/// <summary>
/// Runs pipelines in this process. The journal is the table of task records: after a crash, the orchestrator starts from the beginning and
/// skips through what is recorded. The lease on the run keeps a second host away.
/// </summary>
public sealed class LocalEngine
{
    private readonly LocalEngineOptions options;
    private readonly LocalRuns local;
    private readonly RunSubmitter submitter;

    public LocalEngine(LocalEngineOptions options)
    {
        this.options = options;
        Runs = options.Runs ?? new RunStore(options.Store, options.Time);
        submitter = new RunSubmitter(options.Store, Runs, options.Time);
        local = new LocalRuns(options, Runs);
    }

    public RunStore Runs { get; }

    /// <summary>Records a run of the pipeline. Nothing runs yet in this process.</summary>
    /// <param name="document">The pipeline.</param>
    /// <param name="parallelism">The maximum number of parallel tasks.</param>
    /// <param name="goOn">Returns an identical unfinished run that nobody is driving, if there is one.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public Task<Run> SubmitAsync(
        PipelineDocument document,
        int? parallelism = null,
        bool goOn = false,
        CancellationToken cancellationToken = default
    ) =>
        SubmitAsync(
            document,
            new SubmitOptions
            {
                Parallelism = parallelism ?? options.Parallelism,
                User = options.User,
                GoOn = goOn,
            },
            cancellationToken
        );

    public async Task<Run> SubmitAsync(PipelineDocument document, SubmitOptions how, CancellationToken cancellationToken = default)
    {
        var run = await submitter.SubmitAsync(document, how with { IsDurable = options.Driver is not null }, cancellationToken);
        await StartAsync(run, cancellationToken);
        return run;
    }

    /// <summary>Returns the definition of the run, fixed when it was submitted.</summary>
    public async Task<RunDefinition> GetDefinitionAsync(Run run, CancellationToken cancellationToken = default) =>
        JsonSerializer.Deserialize<RunDefinition>(
            await options.Store.Content.ReadAsync(run.Pipeline!.DefinitionDigest, cancellationToken),
            StorageJson.Options
        )!;

    /// <summary>
    /// Drives the run to its end. Returns null if another host is driving it. <paramref name="stop"/> makes the host leave the run for the
    /// next one to continue.
    /// </summary>
    public async Task<Run?> DriveAsync(Run run, Action<RunEvent>? observe = null, CancellationToken stop = default)
    {
        if (options.Driver is not null || run.Pipeline?.IsDurable == true)
        {
            await StartAsync(run, stop);
            return null;
        }

        return await local.DriveAsync(run, () => GetDefinitionAsync(run, stop), observe, stop);
    }

    /// <summary>Asks the run's driver to cancel it. If there is none, this host ends it.</summary>
    public async Task<Run> CancelAsync(Run run, string? reason = null, CancellationToken cancellationToken = default)
    {
        if (run.IsEnded)
        {
            throw new ServerlessException(ErrorCodes.InvalidState, $"Run {run.Id[..8]} has already ended ({run.Status}).", status: 409);
        }

        await SignalAsync(run, new Signal(Signal.Cancel, true, options.User, reason, options.Time.GetUtcNow()), cancellationToken);
        return await DriveAsync(run, null, cancellationToken) ?? await Runs.GetAsync(run.Id, cancellationToken);
    }

    /// <summary>Leaves a signal for the run: the answer to an approval, or a cancellation.</summary>
    public async Task SignalAsync(Run run, Signal signal, CancellationToken cancellationToken = default)
    {
        await Runs.Table.CommitAsync(
            RowChange.Put(Row.Of(Runs.Keys.Experiment(run.ExperimentId), RunKeys.Signal(run.Id, signal.Name), signal)),
            cancellationToken
        );
        local.Deliver(run.Id, signal);
        if (options.Driver is { } outside && run.Pipeline is not null)
        {
            await outside.SignalAsync(options.Store.Workspace, run, signal, cancellationToken);
        }
    }

    /// <summary>Answers a task that is waiting for approval.</summary>
    /// <param name="run">The run.</param>
    /// <param name="taskPath">The task.</param>
    /// <param name="isYes">The answer.</param>
    /// <param name="reason">The reason, which is recorded.</param>
    /// <param name="by">Who answers; null for this host's user.</param>
    /// <param name="role">The role of the answer. The task may require one.</param>
    /// <param name="cancellationToken">Cancels the operation before the answer is stored.</param>
    public async Task ApproveAsync(
        Run run,
        string taskPath,
        bool isYes,
        string? reason,
        string? by = null,
        string? role = null,
        CancellationToken cancellationToken = default
    )
    {
        var tasks = await ListTasksAsync(run, cancellationToken);
        if (!tasks.Any(t => t.Path == taskPath && t.State == TaskState.WaitingForApproval))
        {
            var waiting = tasks.Where(t => t.State == TaskState.WaitingForApproval).Select(t => t.Path).DefaultIfEmpty("none");
            throw ServerlessException.Invalid(
                $"Task '{taskPath}' is not waiting for approval.",
                $"Tasks waiting in this run: {string.Join(", ", waiting)}."
            );
        }

        var definition = await GetDefinitionAsync(run, cancellationToken);
        if (definition.Pipeline.Graph.FindTask(taskPath)?.Approval?.Role is { } wanted)
        {
            await new RoleDirectory(options.Store).RequireAsync(wanted, role, by ?? options.User, $"Task '{taskPath}'", cancellationToken);
        }

        var who = role is null ? by ?? options.User : $"{by ?? options.User} ({role})";
        await SignalAsync(run, new Signal(Signal.Approval(taskPath), isYes, who, reason, options.Time.GetUtcNow()), cancellationToken);
    }

    /// <summary>Prepares an ended run to continue: successful tasks are kept, the rest runs again.</summary>
    public async Task<Run> RetryAsync(Run run, CancellationToken cancellationToken = default)
    {
        if (run.Pipeline is null || run.Status is not (RunStatus.Failed or RunStatus.Killed))
        {
            throw new ServerlessException(
                ErrorCodes.InvalidState,
                $"Only a pipeline run that failed or was cancelled can be retried. Run {run.Id[..8]} is {run.Status}.",
                "Start a new one with `mlops run`.",
                409
            );
        }

        await foreach (var row in Runs.Table.QueryAsync(Runs.Keys.Experiment(run.ExperimentId), RunKeys.Signals(run.Id), cancellationToken))
        {
            // The approved definition is unchanged, so approvals are not requested again.
            if (row.Read<Signal>() is not { IsApproval: true, IsYes: true })
            {
                await Runs.Table.CommitAsync(RowChange.Delete(row), cancellationToken);
            }
        }

        await Runs.MarkOpenAsync(run, true, cancellationToken);
        var open = await Runs.UpdateAsync(
            run.ExperimentId,
            run.Id,
            r =>
                r.Pipeline!.Generation != run.Pipeline.Generation
                    ? r
                    : r with
                    {
                        Status = RunStatus.Scheduled,
                        EndTime = null,
                        Error = null,
                        Pipeline = r.Pipeline with { Generation = run.Pipeline.Generation + 1 },
                    },
            cancellationToken
        );
        await StartAsync(open, cancellationToken);
        return open;
    }

    /// <summary>Starts another run of the same definition and sources; what the cache holds does not run again.</summary>
    public async Task<Run> RerunAsync(Run run, string user, CancellationToken cancellationToken = default)
    {
        var again = await submitter.AgainAsync(run, user, options.Driver is not null, cancellationToken);
        await StartAsync(again, cancellationToken);
        return again;
    }

    /// <summary>The latest attempt of each task, in the order they started.</summary>
    public Task<IReadOnlyList<TaskRecord>> ListTasksAsync(Run run, CancellationToken cancellationToken = default) =>
        TaskRecords.ListAsync(Runs, run, cancellationToken);

    /// <summary>A run of the durable engine belongs to its driver: without it, nothing can be done here.</summary>
    private Task StartAsync(Run run, CancellationToken cancellationToken) =>
        options.Driver is { } outside && run.Pipeline is not null
            ? outside.StartAsync(options.Store.Workspace, run, cancellationToken)
            : Task.CompletedTask;

    /// <summary>Returns the signals to the run and their senders.</summary>
    public async Task<IReadOnlyList<Signal>> ListSignalsAsync(Run run, CancellationToken cancellationToken = default) =>
        await new SignalPump(Runs, run, options.Time).ReadAsync(cancellationToken);

    /// <summary>Ends a run that nothing drives any more. Task records are kept.</summary>
    public async Task<Run> EndAsync(Run run, RunError error, CancellationToken cancellationToken = default)
    {
        var tasks = await ListTasksAsync(run, cancellationToken);
        return await RunConclusion.WriteAsync(
            Runs,
            run,
            RunStatus.Failed,
            error,
            [.. tasks.Select(t => KeyValuePair.Create(t.Path, t.Result))],
            options.Time.GetUtcNow()
        );
    }
}
