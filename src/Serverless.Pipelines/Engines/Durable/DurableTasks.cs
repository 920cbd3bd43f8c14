using System.Text.Json;
using Serverless.Core;
using Serverless.Pipelines.Components;
using Serverless.Pipelines.Engines.Local;
using Serverless.Pipelines.Execution;
using Serverless.Pipelines.Jobs;
using Serverless.Pipelines.Orchestration;
using Serverless.Storage;
using Serverless.Tracking.Runs;

namespace Serverless.Pipelines.Engines.Durable;

/// <summary>A workspace, as the activities of a durable engine use it.</summary>
public sealed record DurableWorkspace(Store Store, RunStore Runs, IServiceProvider Services);

/// <summary>The options of a durable engine's activities.</summary>
public sealed record DurableTasksOptions
{
    public required Func<string, DurableWorkspace> Workspaces { get; init; }

    public required ComponentCatalog Catalog { get; init; }

    /// <summary>Gets the folder for the workspaces of tasks.</summary>
    public required string WorkRoot { get; init; }

    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Gets the interval at which a running task checks whether its run was cancelled.</summary>
    public TimeSpan CancelInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Gets the service that starts container jobs; null to run every command as a subprocess.</summary>
    public ContainerJobOptions? Jobs { get; init; }

    /// <summary>Gets the callback for every state of a task, for logging.</summary>
    public Action<string, TaskRecord>? Observe { get; init; }
}

/// <summary>
/// Implements the activities of a durable engine. Each may be delivered more than once, including after a crash in the middle: a recorded
/// result is returned again and never recomputed.
/// </summary>
public sealed partial class DurableTasks
{
    private readonly DurableTasksOptions options;
    private readonly ContainerJobs? jobs;

    public DurableTasks(DurableTasksOptions options)
        : this(options, options.Jobs is { } named ? new ContainerJobs(named, JobClient.Of(named, options.Time), options.Time) : null) { }

    internal DurableTasks(DurableTasksOptions options, ContainerJobs? jobs)
    {
        this.options = options;
        this.jobs = jobs;
    }

    /// <summary>The number of times a worker may die during one attempt of a task before the task is considered the cause.</summary>
    private const int MaxStarts = 3;

    private static readonly TaskResult Canceled = TaskResult.Cancel("The run was cancelled while the task ran.");

    /// <summary>Starts a run. Returns null if there is nothing to do because it has ended or was never recorded.</summary>
    public async Task<RunStart?> BeginAsync(DurableRequest request, CancellationToken cancellationToken)
    {
        var there = options.Workspaces(request.Workspace);
        if (await there.Runs.FindAsync(request.RunId, cancellationToken) is not { Pipeline: not null } run)
        {
            return null;
        }

        run = await there.Runs.UpdateAsync(
            run.ExperimentId,
            run.Id,
            r => r.IsEnded ? r : r with { Status = RunStatus.Running, Pipeline = r.Pipeline! with { IsDurable = true } },
            cancellationToken
        );
        if (run.IsEnded)
        {
            await there.Runs.MarkOpenAsync(run, false, cancellationToken);
            return null;
        }

        var definition = JsonSerializer.Deserialize<JsonElement>(
            await there.Store.Content.ReadAsync(run.Pipeline!.DefinitionDigest, cancellationToken)
        );
        return new RunStart
        {
            ExperimentId = run.ExperimentId,
            Generation = run.Pipeline.Generation,
            HasJobs = jobs is not null,
            Definition = await PackAsync(there, definition, cancellationToken),
            Signals = await new SignalPump(there.Runs, run, options.Time).ReadAsync(cancellationToken),
        };
    }

    /// <summary>Stores a part of an oversized message.</summary>
    public async Task<EngineMessage> StorePartAsync(DurableRequest request, CancellationToken cancellationToken)
    {
        var there = options.Workspaces(request.Workspace);
        return new EngineMessage { Parts = [await StorePartAsync(there, request.Body!.Zip!, cancellationToken)] };
    }

    public async Task<EngineMessage> LoadPartAsync(DurableRequest request, CancellationToken cancellationToken)
    {
        var there = options.Workspaces(request.Workspace);
        return new EngineMessage { Zip = await LoadPartAsync(there, request.Body!.Parts![0], cancellationToken) };
    }

    /// <summary>Runs one attempt of a task, or returns its recorded result.</summary>
    public async Task<EngineMessage> RunTaskAsync(DurableRequest request, CancellationToken cancellationToken)
    {
        var there = options.Workspaces(request.Workspace);
        var call = await UnpackAsync<TaskCall>(there, request.Body!, cancellationToken);
        var result = await RunAsync(there, request, call, cancellationToken);
        return await PackAsync(there, result, cancellationToken);
    }

    /// <summary>Records states of tasks that no activity reports.</summary>
    public async Task ReportAsync(DurableRequest request, CancellationToken cancellationToken)
    {
        var there = options.Workspaces(request.Workspace);
        var reports = await UnpackAsync<List<TaskReport>>(there, request.Body!, cancellationToken);
        var journal = JournalOf(there, request, cancellationToken);
        var nested = await NestedAsync(there, request, cancellationToken);
        // For each attempt, the last reported state counts.
        await Parallel.ForEachAsync(
            reports.GroupBy(r => (r.Path, r.Attempt)).Select(g => g.Last()),
            new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = cancellationToken },
            async (report, token) =>
            {
                if (await journal.ReportAsync(report, token) is { } record)
                {
                    Observe(request, record, nested);
                }
            }
        );
        await FlushAsync(nested);
    }

    /// <summary>Records the end of the run.</summary>
    public async Task EndAsync(DurableRequest request, CancellationToken cancellationToken)
    {
        var there = options.Workspaces(request.Workspace);
        var end = await UnpackAsync<RunEnd>(there, request.Body!, cancellationToken);
        if (
            await there.Runs.FindAsync(request.RunId, cancellationToken) is { IsEnded: false, Pipeline: { } pipeline } run
            && pipeline.Generation == request.Generation
        )
        {
            var tasks = await TaskRecords.ListAsync(there.Runs, run, cancellationToken);
            var nested = new TaskRuns(there.Runs, run);
            nested.Resume(tasks);
            await nested.FlushAsync();
            await RunConclusion.WriteAsync(
                there.Runs,
                run,
                end.Status,
                end.Error,
                [.. tasks.Select(t => KeyValuePair.Create(t.Path, t.Result))],
                options.Time.GetUtcNow()
            );
        }
    }

    private async Task<TaskResult> RunAsync(
        DurableWorkspace there,
        DurableRequest request,
        TaskCall call,
        CancellationToken cancellationToken
    )
    {
        var journal = JournalOf(there, request, cancellationToken);
        if (await journal.FindAsync(call, cancellationToken) is { } recorded)
        {
            Observe(request, recorded);
            return recorded.Result;
        }

        if (journal.Starts > MaxStarts)
        {
            return await GiveUpAsync(journal, request, call);
        }

        var nested = await NestedAsync(there, request, cancellationToken);
        using var canceled = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var watching = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        if (!call.IsShielded && await IsCanceledAsync(there, request, cancellationToken))
        {
            await canceled.CancelAsync();
        }

        var watch = call.IsShielded ? Task.CompletedTask : WatchCancelAsync(there, request, canceled, watching.Token);
        try
        {
            var result = await ExecutorOf(there).RunAsync(call, journal, record => Observe(request, record, nested), canceled.Token);
            await FlushAsync(nested);
            return journal.Overtaken?.Result ?? result;
        }
        finally
        {
            await watching.CancelAsync();
            await watch;
        }
    }

    /// <summary>Stops an attempt that kills its worker again and again, which would otherwise continue forever.</summary>
    private async Task<TaskResult> GiveUpAsync(RowJournal journal, DurableRequest request, TaskCall call)
    {
        var error = new ServerlessException(
            ErrorCodes.TaskFailed,
            $"The worker ended {MaxStarts} times while it ran this task, most likely because it ran out of memory.",
            "Set `resources` for the task so that it runs in its own container job."
        );
        return (await EndJobAsync(journal, request, call.Path, call.Attempt, TaskResult.Fail(error))).Result!;
    }

    /// <summary>Records a result that no executor records.</summary>
    private async Task<JobStep> EndJobAsync(RowJournal journal, DurableRequest request, string path, int attempt, TaskResult result)
    {
        var now = options.Time.GetUtcNow();
        var record = new TaskRecord
        {
            Path = path,
            Attempt = attempt,
            State = result.State,
            StartedAt = now,
            EndedAt = now,
            Result = result,
        };
        await journal.EndAsync(record, null);
        var end = journal.Overtaken ?? record;
        Observe(request, end);
        return JobStep.Over(end.Result);
    }

    private TaskExecutor ExecutorOf(DurableWorkspace there) =>
        new(new TaskExecutorSettings(there.Store, options.Catalog, there.Services, options.WorkRoot, options.Time));

    private static RowJournal JournalOf(DurableWorkspace there, DurableRequest request, CancellationToken cancellationToken) =>
        new(there.Runs, request.ExperimentId, request.RunId, request.Generation) { Stopping = cancellationToken };

    private async Task WatchCancelAsync(
        DurableWorkspace there,
        DurableRequest request,
        CancellationTokenSource canceled,
        CancellationToken stop
    )
    {
        while (!canceled.IsCancellationRequested && !stop.IsCancellationRequested)
        {
            try
            {
                await Task.Delay(options.CancelInterval, options.Time, stop);
                if (await IsCanceledAsync(there, request, stop))
                {
                    await canceled.CancelAsync();
                }
            }
            catch (OperationCanceledException) { }
            catch (ServerlessException)
            {
                // The store does not answer at the moment: retry.
            }
        }
    }

    private static async Task<bool> IsCanceledAsync(DurableWorkspace there, DurableRequest request, CancellationToken cancellationToken) =>
        await there.Runs.Table.GetAsync(
            there.Runs.Keys.Experiment(request.ExperimentId),
            RunKeys.Signal(request.RunId, Signal.Cancel),
            cancellationToken
        )
            is not null;

    private void Observe(DurableRequest request, TaskRecord record, TaskRuns? nested = null)
    {
        nested?.Report(record with { Generation = request.Generation });
        options.Observe?.Invoke(request.RunId, record);
    }

    private static async Task<TaskRuns?> NestedAsync(DurableWorkspace there, DurableRequest request, CancellationToken cancellationToken) =>
        await there.Runs.FindAsync(request.RunId, cancellationToken) is { } run ? new TaskRuns(there.Runs, run) : null;

    /// <summary>Errors here are left to the end of the run: they do not fail a task that has ended.</summary>
    private static async Task FlushAsync(TaskRuns? nested)
    {
        try
        {
            await (nested?.FlushAsync() ?? Task.CompletedTask);
        }
        catch (ServerlessException) { }
    }

    private static Task<EngineMessage> PackAsync<T>(DurableWorkspace there, T value, CancellationToken cancellationToken) =>
        EngineMessage.PackAsync(value, part => StorePartAsync(there, part, cancellationToken));

    private static Task<T> UnpackAsync<T>(DurableWorkspace there, EngineMessage message, CancellationToken cancellationToken) =>
        message.UnpackAsync<T>(digest => LoadPartAsync(there, digest, cancellationToken));

    private static async Task<string> StorePartAsync(DurableWorkspace there, string part, CancellationToken cancellationToken) =>
        (await there.Store.Content.PutBytesAsync(Convert.FromBase64String(part), cancellationToken)).Digest;

    private static async Task<string> LoadPartAsync(DurableWorkspace there, string digest, CancellationToken cancellationToken) =>
        Convert.ToBase64String(await there.Store.Content.ReadAsync(digest, cancellationToken));
}
