using System.Collections.Concurrent;
using Serverless.Core;
using Serverless.Pipelines.Execution;
using Serverless.Pipelines.Orchestration;
using Serverless.Storage.Tables;
using Serverless.Tracking.Runs;

namespace Serverless.Pipelines.Engines.Local;

/// <summary>Drives runs in this process, each under its lease, from the journal to the recorded end.</summary>
internal sealed class LocalRuns(LocalEngineOptions options, RunStore runs)
{
    private readonly TaskExecutor executor = new(
        new TaskExecutorSettings(options.Store, options.Catalog, options.Services, options.WorkRoot, options.Time)
    );

    /// <summary>The runs that are being driven: signals to them need not wait until they are read from the store.</summary>
    private readonly ConcurrentDictionary<string, Action<Signal>> driven = new(StringComparer.Ordinal);

    /// <summary>Passes a signal to the run, if it is being driven here.</summary>
    public void Deliver(string runId, Signal signal)
    {
        if (driven.TryGetValue(runId, out var deliver))
        {
            deliver(signal);
        }
    }

    /// <summary>Drives the run to its end. Returns null if another host is driving it.</summary>
    public async Task<Run?> DriveAsync(Run run, Func<Task<RunDefinition>> definitionOf, Action<RunEvent>? observe, CancellationToken stop)
    {
        var partition = runs.Keys.Experiment(run.ExperimentId);
        var (lease, _) = await Lease.TryAcquireAsync(runs.Table, partition, RunKeys.Lease(run.Id), options.Time, cancellationToken: stop);
        if (lease is null)
        {
            return null;
        }

        await using var writer = new PartitionWriter(runs.Table, lease, options.Time);
        // The run's state from before another host ended it is out of date.
        run = await runs.UpdateAsync(run.ExperimentId, run.Id, r => r.IsEnded ? r : r with { Status = RunStatus.Running }, stop);
        if (run.IsEnded)
        {
            await runs.MarkOpenAsync(run, false, stop);
            return run;
        }

        PipelineResult result;
        var tasks = new TaskRuns(runs, run);
        try
        {
            var definition = await definitionOf();
            var journal = await RunJournal.OpenAsync(runs, run, writer, stop);
            tasks.Resume(journal.Left.Values);
            result = await OrchestrateAsync(run, definition, journal, Observe, stop);
        }
        catch (Exception e)
            when (!writer.Lost.IsCancellationRequested
                && e is not OperationCanceledException and not ServerlessException { IsRetryable: true }
            )
        {
            // It would fail in the same way for every host that tries: the run ends here, with the reason.
            result = new PipelineResult(RunStatus.Failed, new Dictionary<string, TaskResult>(), RunError.Of(e));
        }

        // All records precede the end of the run, and only the holder of the lease may write it.
        await Task.WhenAll(writer.FlushAsync(), tasks.FlushAsync());
        return await ConcludeAsync(run, result);

        void Observe(TaskRecord record)
        {
            tasks.Report(record);
            observe?.Invoke(new RunEvent(run.Id, record));
        }
    }

    private async Task<PipelineResult> OrchestrateAsync(
        Run run,
        RunDefinition definition,
        RunJournal journal,
        Action<TaskRecord> observe,
        CancellationToken stop
    )
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stop, journal.Writer.Lost);
        journal.Stopping = ending.Token;
        using var context = new LocalContext(journal, executor, options.Time, observe, ending.Token);
        var thread = new OrchestrationThread();
        var pump = new SignalPump(runs, run, options.Time);
        // Given approvals apply from the start. A cancellation waits until the orchestrator has replayed what is recorded.
        var (cancels, answers) = Split(await pump.ReadAsync(stop));
        foreach (var answer in answers)
        {
            context.Deliver(answer);
        }

        var orchestrator = thread.RunAsync(() => PipelineOrchestrator.RunAsync(context, run.Id, run.ExperimentId, definition));
        await thread.IdleAsync();
        foreach (var cancel in cancels)
        {
            Deliver(cancel);
            await thread.IdleAsync();
        }

        thread.Post(_ => context.Open(), null);
        driven[run.Id] = Deliver;
        using var pumping = CancellationTokenSource.CreateLinkedTokenSource(ending.Token);
        var pumped = pump.RunAsync(Deliver, pumping.Token);
        var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = ending.Token.Register(() => stopped.TrySetResult());
        await Task.WhenAny(orchestrator, stopped.Task);
        driven.TryRemove(run.Id, out _);
        await pumping.CancelAsync();
        await pumped;
        if (ending.IsCancellationRequested)
        {
            // The state of an overtaken or stopped host is not a result. Its processes end before its lease does.
            await context.SettleAsync();
            stop.ThrowIfCancellationRequested();
            throw journal.Writer.Failure!;
        }

        return await orchestrator;

        void Deliver(Signal signal) => thread.Post(_ => context.Deliver(signal), null);

        static (List<Signal> Cancels, List<Signal> Answers) Split(IReadOnlyList<Signal> signals) =>
            ([.. signals.Where(s => s.Name == Signal.Cancel)], [.. signals.Where(s => s.Name != Signal.Cancel)]);
    }

    private Task<Run> ConcludeAsync(Run run, PipelineResult result) =>
        RunConclusion.WriteAsync(runs, run, result.Status, result.Error, result.Tasks, options.Time.GetUtcNow());
}
