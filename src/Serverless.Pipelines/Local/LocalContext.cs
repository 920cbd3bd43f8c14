using System.Collections.Concurrent;

namespace Serverless.Pipelines;

/// <summary>
/// The world for an orchestrator that runs in this process. What the journal holds is answered at once; once the engine stops,
/// nothing is answered any more, and whoever drives the run next starts from the journal.
/// </summary>
internal sealed class LocalContext(
    RunJournal journal, TaskExecutor executor, TimeProvider time, Action<TaskRecord> observe, CancellationToken stopped, CancellationToken canceled)
    : IOrchestrationContext
{
    private readonly ConcurrentDictionary<string, TaskCompletionSource<Signal?>> signals = new(StringComparer.Ordinal);

    private readonly ConcurrentDictionary<Task, bool> running = new();

    public DateTimeOffset UtcNow => time.GetUtcNow();

    public async Task<TaskResult> RunTaskAsync(TaskCall call)
    {
        if (journal.Recorded.TryGetValue((call.Path, call.Attempt), out var record))
        {
            Observe(record);
            return record.Result;
        }

        if (stopped.IsCancellationRequested)
        {
            return await Never<TaskResult>();
        }

        try
        {
            // `finally` tasks run on after a cancel: they are started when the signal has come already.
            var token = canceled.IsCancellationRequested ? stopped : canceled;
            var execution = Task.Run(() => executor.RunAsync(call, journal, Observe, token), CancellationToken.None);
            running[execution] = true;
            var result = await execution;
            running.TryRemove(execution, out _);
            return stopped.IsCancellationRequested ? await Never<TaskResult>() : result;
        }
        catch (ServerlessException) when (journal.Writer.Lost.IsCancellationRequested)
        {
            return await Never<TaskResult>();
        }
    }

    public async Task DelayAsync(string key, TimeSpan delay)
    {
        var left = await journal.DueAsync(key, time.GetUtcNow() + delay) - time.GetUtcNow();
        if (left > TimeSpan.Zero)
        {
            try
            {
                await Task.Delay(left, time, stopped);
            }
            catch (OperationCanceledException)
            {
                await Never<bool>();
            }
        }
    }

    public async Task<Signal?> WaitForSignalAsync(string name, TimeSpan? timeout)
    {
        var signal = SourceOf(name).Task;
        return timeout is { } limit && await Task.WhenAny(signal, DelayAsync(name, limit)) != signal ? null : await signal;
    }

    public void ReportProgress(string taskPath, TaskResult result)
    {
        var record = new TaskRecord
        {
            Path = taskPath,
            Attempt = 1,
            State = result.State,
            StartedAt = result.State == TaskState.WaitingForApproval ? time.GetUtcNow() : null,
            EndedAt = result.State == TaskState.WaitingForApproval ? null : time.GetUtcNow(),
            Result = result,
        };
        journal.Post(record);
        Observe(record);
    }

    /// <summary>Somebody told the run something.</summary>
    public void Deliver(Signal signal) => SourceOf(signal.Name).TrySetResult(signal);

    /// <summary>Ends when no task runs any more.</summary>
    public Task WhenIdle() => Task.WhenAll(running.Keys);

    /// <summary>What a host that stops ends is no event of the run.</summary>
    private void Observe(TaskRecord record)
    {
        if (!stopped.IsCancellationRequested)
        {
            observe(record);
        }
    }

    private static Task<T> Never<T>() => new TaskCompletionSource<T>().Task;

    private TaskCompletionSource<Signal?> SourceOf(string name) => signals.GetOrAdd(name, static _ => new TaskCompletionSource<Signal?>());
}
