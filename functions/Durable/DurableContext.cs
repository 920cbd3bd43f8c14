using Microsoft.DurableTask;
using Serverless.Pipelines.Engines.Durable;
using Serverless.Pipelines.Orchestration;

namespace Serverless.Functions.Durable;

/// <summary>
/// The context of the pipeline orchestrator on Durable Functions. The orchestrator runs in turns: events are delivered, it continues until
/// it waits again, and only then are its requests passed to the engine, in order. So every call to the engine is made on the engine's own
/// synchronization context, and the requests of one turn are known together.
/// </summary>
internal sealed class DurableContext(TaskOrchestrationContext durable, TaskDispatch tasks, DurableCalls calls) : IOrchestrationContext
{
    private readonly TurnQueue turns = new();
    private readonly Queue<Action> happened = new();
    private readonly List<Action> wishes = [];
    private readonly List<(TaskCall Call, TaskCompletionSource<TaskResult> End)> wanted = [];
    private readonly List<TaskReport> reports = [];
    private readonly Dictionary<string, Signal> signals = new(StringComparer.Ordinal);
    private readonly Dictionary<string, TaskCompletionSource<Signal?>> waiting = new(StringComparer.Ordinal);
    private readonly Dictionary<string, DateTime> deadlines = new(StringComparer.Ordinal);
    private TaskCompletionSource? wake;
    private bool isPaused;
    private bool isOver;
    private int reporting;

    public DateTimeOffset UtcNow => new(DateTime.SpecifyKind(durable.CurrentUtcDateTime, DateTimeKind.Utc));

    /// <summary>Runs the orchestrator to completion.</summary>
    /// <param name="orchestrate">The orchestrator.</param>
    /// <param name="told">The signals that the run received before it began.</param>
    public async Task<PipelineResult> RunAsync(Func<IOrchestrationContext, Task<PipelineResult>> orchestrate, IReadOnlyList<Signal> told)
    {
        _ = ListenAsync();
        Task<PipelineResult> end = null!;
        turns.Run(() => end = orchestrate(this));
        foreach (var signal in told)
        {
            turns.Run(() => Deliver(signal));
        }

        while (true)
        {
            HandOver();
            if (end.IsCompleted && reporting == 0)
            {
                isOver = true;
                return await end;
            }

            if (happened.Count == 0)
            {
                wake = new TaskCompletionSource();
                await wake.Task;
            }

            while (happened.TryDequeue(out var next))
            {
                turns.Run(next);
            }
        }
    }

    public Task<TaskResult> RunTaskAsync(TaskCall call)
    {
        var end = new TaskCompletionSource<TaskResult>();
        wanted.Add((call, end));
        return end.Task;
    }

    public Task DelayAsync(string key, TimeSpan delay, CancellationToken cancellationToken) =>
        WaitUntilAsync(durable.CurrentUtcDateTime + delay, cancellationToken);

    public async Task<Signal?> WaitForSignalAsync(string name, TimeSpan? timeout, CancellationToken cancellationToken)
    {
        if (signals.TryGetValue(name, out var there))
        {
            return there;
        }

        var signal = new TaskCompletionSource<Signal?>();
        waiting[name] = signal;
        using var canceled = cancellationToken.Register(() => signal.TrySetCanceled(cancellationToken));
        if (timeout is not { } limit)
        {
            return await signal.Task;
        }

        if (!deadlines.TryGetValue(name, out var due))
        {
            deadlines[name] = due = durable.CurrentUtcDateTime + limit;
        }

        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _ = ExpireAsync(WaitUntilAsync(due, over.Token), signal);
        try
        {
            return await signal.Task;
        }
        finally
        {
            over.Cancel();
        }

        static async Task ExpireAsync(Task deadline, TaskCompletionSource<Signal?> signal)
        {
            try
            {
                await deadline;
                signal.TrySetResult(null);
            }
            catch (OperationCanceledException) { }
        }
    }

    public void ReportProgress(string taskPath, int attempt, TaskResult result) =>
        reports.Add(new TaskReport(taskPath, attempt, result, UtcNow));

    /// <summary>A durable timer, started at the end of the turn unless it is cancelled by then.</summary>
    private Task WaitUntilAsync(DateTime due, CancellationToken cancellationToken)
    {
        var end = new TaskCompletionSource();
        if (cancellationToken.IsCancellationRequested)
        {
            end.SetCanceled(cancellationToken);
            return end.Task;
        }

        var timer = new CancellationTokenSource();
        cancellationToken.Register(() =>
        {
            if (end.TrySetCanceled(cancellationToken))
            {
                wishes.Add(timer.Cancel);
            }
        });
        wishes.Add(() =>
        {
            if (!end.Task.IsCompleted)
            {
                _ = FollowAsync();
            }
        });
        return end.Task;

        async Task FollowAsync()
        {
            try
            {
                await durable.CreateTimer(due, timer.Token);
                Happen(() => end.TrySetResult());
            }
            catch (OperationCanceledException) { }
        }
    }

    /// <summary>Passes the requests of the last turn to the engine, on the engine's own synchronization context.</summary>
    private void HandOver()
    {
        foreach (var wish in TakeAll(wishes))
        {
            wish();
        }

        if (reports.Count > 0)
        {
            reporting++;
            _ = ReportAsync(TakeAll(reports));
        }

        if (isPaused)
        {
            return;
        }

        foreach (var batch in TaskDispatch.Batches(TakeAll(wanted)))
        {
            _ = batch is [var (call, end)] ? FollowAsync(call, end) : FollowBatchAsync(batch);
        }
    }

    private async Task FollowAsync(TaskCall call, TaskCompletionSource<TaskResult> end)
    {
        var result = await tasks.RunAsync(call);
        Happen(() => end.SetResult(result));
    }

    private async Task FollowBatchAsync((TaskCall Call, TaskCompletionSource<TaskResult> End)[] batch)
    {
        var results = await tasks.RunBatchAsync([.. batch.Select(b => b.Call)]);
        Happen(() =>
        {
            for (var i = 0; i < batch.Length; i++)
            {
                batch[i].End.SetResult(results[i]);
            }
        });
    }

    private async Task ReportAsync(List<TaskReport> told)
    {
        try
        {
            await calls.CallAsync<object?>(DurableNames.Report, await calls.PackAsync(told));
        }
        catch (Exception)
        {
            // The progress is not shown then, but the run does not depend on it.
        }

        Happen(() => reporting--);
    }

    private async Task ListenAsync()
    {
        while (!isOver)
        {
            var signal = await durable.WaitForExternalEvent<Signal>(DurableNames.Signal);
            Happen(() => Deliver(signal));
        }
    }

    private void Deliver(Signal signal)
    {
        switch (signal.Name)
        {
            case Signal.Pause:
                isPaused = !signals.ContainsKey(Signal.Cancel);
                return;
            case Signal.Resume:
                isPaused = false;
                return;
            case Signal.Cancel:
                // Requests that are waiting to start must learn that they will not.
                isPaused = false;
                break;
        }

        if (signals.TryAdd(signal.Name, signal) && waiting.Remove(signal.Name, out var wait))
        {
            wait.TrySetResult(signal);
        }
    }

    private void Happen(Action what)
    {
        happened.Enqueue(what);
        wake?.TrySetResult();
    }

    private static List<T> TakeAll<T>(List<T> list)
    {
        var all = new List<T>(list);
        list.Clear();
        return all;
    }
}
