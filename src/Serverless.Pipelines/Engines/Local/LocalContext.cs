using System.Collections.Concurrent;
using Serverless.Core;
using Serverless.Pipelines.Execution;
using Serverless.Pipelines.Orchestration;

namespace Serverless.Pipelines.Engines.Local;

/// <summary>
/// The context of an orchestrator in this process. Recorded results in the journal are returned immediately. Once the engine stops, calls
/// no longer complete, and the next driver of the run starts from the journal.
/// </summary>
/// <remarks>
/// Nothing new starts before <see cref="Open"/>: after a crash, an orchestrator first replays what is recorded, then learns
/// whether the run was cancelled, and only then runs the rest. So a cancellation undoes nothing that ended before it.
/// </remarks>
internal sealed class LocalContext : IOrchestrationContext, IDisposable
{
    private readonly RunJournal journal;
    private readonly TaskExecutor executor;
    private readonly TimeProvider time;
    private readonly Action<TaskRecord> observe;
    private readonly CancellationToken stopped;
    private readonly CancellationTokenSource canceled;
    private readonly TaskCompletionSource open = new();
    private readonly Dictionary<string, TaskCompletionSource<Signal>> signals = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<Task, bool> running = [];

    public LocalContext(RunJournal journal, TaskExecutor executor, TimeProvider time, Action<TaskRecord> observe, CancellationToken stopped)
    {
        this.journal = journal;
        this.executor = executor;
        this.time = time;
        this.observe = observe;
        this.stopped = stopped;
        canceled = CancellationTokenSource.CreateLinkedTokenSource(stopped);
    }

    public DateTimeOffset UtcNow => time.GetUtcNow();

    public async Task<TaskResult> RunTaskAsync(TaskCall call)
    {
        if (journal.Find(call) is { } record)
        {
            observe(record);
            return record.Result;
        }

        await open.Task;
        if (stopped.IsCancellationRequested)
        {
            return await Never<TaskResult>();
        }

        if (canceled.IsCancellationRequested && !call.IsShielded)
        {
            var ended = TaskResult.Cancel("The run was cancelled before the task started.");
            ReportProgress(call.Path, call.Attempt, ended);
            return ended;
        }

        // Shielded tasks continue after a cancellation.
        var token = call.IsShielded ? stopped : canceled.Token;
        var work = Task.Run(() => executor.RunAsync(call, journal, Observe, token), CancellationToken.None);
        running[work] = true;
        try
        {
            var result = await work;
            return stopped.IsCancellationRequested ? await Never<TaskResult>() : result;
        }
        catch (ServerlessException) when (stopped.IsCancellationRequested)
        {
            return await Never<TaskResult>();
        }
        finally
        {
            running.TryRemove(work, out _);
        }
    }

    public async Task DelayAsync(string key, TimeSpan delay, CancellationToken cancellationToken)
    {
        if (await DueAsync(key, delay) - time.GetUtcNow() is { Ticks: > 0 } left)
        {
            await SleepAsync(left, cancellationToken);
        }
    }

    public async Task<Signal?> WaitForSignalAsync(string name, TimeSpan? timeout, CancellationToken cancellationToken)
    {
        var signal = SourceOf(name).Task;
        if (timeout is not { } limit)
        {
            return await signal.WaitAsync(cancellationToken);
        }

        var due = await DueAsync(name, limit);
        if (!signal.IsCompleted)
        {
            using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var left = due - time.GetUtcNow();
            await Task.WhenAny(signal, left > TimeSpan.Zero ? SleepAsync(left, over.Token) : Task.CompletedTask);
            over.Cancel();
            cancellationToken.ThrowIfCancellationRequested();
        }

        // An answer may have arrived in time while no host was running, and the deadline passed since.
        return signal.IsCompleted && signal.Result.Time <= due ? signal.Result : null;
    }

    public void ReportProgress(string taskPath, int attempt, TaskResult result)
    {
        if (journal.IsRecorded(taskPath, attempt, result.State))
        {
            // The end is already recorded; reports during the replay must not overwrite the record.
            return;
        }

        var isWaiting = result.State == TaskState.WaitingForApproval;
        var record = new TaskRecord
        {
            Path = taskPath,
            Attempt = attempt,
            State = result.State,
            StartedAt = isWaiting ? time.GetUtcNow() : null,
            EndedAt = isWaiting ? null : time.GetUtcNow(),
            Result = result,
        };
        journal.Post(record);
        Observe(record);
    }

    /// <summary>Delivers a signal to the run, on the orchestrator's thread.</summary>
    public void Deliver(Signal signal)
    {
        if (signal.Name == Signal.Cancel)
        {
            canceled.Cancel();
        }

        SourceOf(signal.Name).TrySetResult(signal);
    }

    /// <summary>Called after the replay of recorded results: new tasks may start. On the orchestrator's thread.</summary>
    public void Open() => open.TrySetResult();

    /// <summary>Completes when no tasks are running. Does not wait for a component that ignores cancellation.</summary>
    public async Task SettleAsync() =>
        await Task.WhenAll(running.Keys).WaitAsync(TimeSpan.FromSeconds(10)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    public void Dispose() => canceled.Dispose();

    private static Task<T> Never<T>() => new TaskCompletionSource<T>().Task;

    /// <summary>Tasks that a stopping host leaves behind were not cancelled by anyone: the next host runs them.</summary>
    private void Observe(TaskRecord record)
    {
        if (record.State == TaskState.Succeeded || !stopped.IsCancellationRequested)
        {
            observe(record with { Generation = journal.Generation });
        }
    }

    private async Task<DateTimeOffset> DueAsync(string key, TimeSpan delay)
    {
        try
        {
            return await journal.DueAsync(key, time.GetUtcNow() + delay);
        }
        catch (ServerlessException)
        {
            // The journal is lost, and the run with it.
            return await Never<DateTimeOffset>();
        }
    }

    private async Task SleepAsync(TimeSpan left, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, stopped);
        try
        {
            await Task.Delay(left, time, either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            await Never<bool>();
        }
    }

    private TaskCompletionSource<Signal> SourceOf(string name)
    {
        if (!signals.TryGetValue(name, out var source))
        {
            signals[name] = source = new TaskCompletionSource<Signal>();
        }

        return source;
    }
}
