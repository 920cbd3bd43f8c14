using System.Globalization;
using Serverless.Pipelines.Orchestration;

namespace Serverless.Pipelines.Tests.Contract;

/// <summary>Something that happened in the world, as a durable engine records it.</summary>
internal abstract record HistoryEvent
{
    public sealed record TaskEnded(string Path, int Attempt, TaskResult Result) : HistoryEvent;

    public sealed record TimerFired(string Key) : HistoryEvent;

    public sealed record Signaled(Signal Signal) : HistoryEvent;
}

/// <summary>Something that the orchestrator asked for, and after how many events.</summary>
internal sealed record OrchestratorAction(int AfterEvents, string What)
{
    public TaskCall? Call { get; init; }

    public (string Key, TimeSpan Delay)? Timer { get; init; }

    public string? CanceledTimer { get; init; }

    public (string Path, TaskState State)? Progress { get; init; }

    public bool IsSame(OrchestratorAction other) => AfterEvents == other.AfterEvents && What == other.What;
}

/// <summary>One pass of an orchestrator over its history: what is recorded is answered in the order in which it happened.</summary>
internal sealed class ReplayContext(ReplayThread thread) : IOrchestrationContext
{
    private readonly Dictionary<string, TaskCompletionSource<TaskResult>> tasks = new(StringComparer.Ordinal);
    private readonly Dictionary<string, TaskCompletionSource> timers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, TaskCompletionSource<Signal?>> signals = new(StringComparer.Ordinal);
    private int events;

    public List<OrchestratorAction> Actions { get; } = [];

    public DateTimeOffset UtcNow => DateTimeOffset.UnixEpoch.AddSeconds(events);

    public Task<TaskResult> RunTaskAsync(TaskCall call)
    {
        thread.Check(nameof(RunTaskAsync));
        Add("run " + Address(call.Path, call.Attempt), a => a with { Call = call });
        var end = new TaskCompletionSource<TaskResult>();
        if (!tasks.TryAdd(Address(call.Path, call.Attempt), end))
        {
            thread.Violations.Add($"{Address(call.Path, call.Attempt)} was run twice.");
        }

        return end.Task;
    }

    public Task DelayAsync(string key, TimeSpan delay, CancellationToken cancellationToken)
    {
        thread.Check(nameof(DelayAsync));
        return StartTimer(key, delay, cancellationToken).Task;
    }

    public async Task<Signal?> WaitForSignalAsync(string name, TimeSpan? timeout, CancellationToken cancellationToken)
    {
        thread.Check(nameof(WaitForSignalAsync));
        Add("wait " + name);
        var signal = SourceOf(name);
        if (signal.Task.IsCompleted)
        {
            return await signal.Task;
        }

        using var canceled = cancellationToken.Register(() => signal.TrySetCanceled(cancellationToken));
        if (timeout is not { } limit)
        {
            return await signal.Task;
        }

        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var timer = StartTimer(name, limit, over.Token);
        _ = EndAsync(timer, signal);
        try
        {
            return await signal.Task;
        }
        finally
        {
            over.Cancel();
        }

        static async Task EndAsync(TaskCompletionSource timer, TaskCompletionSource<Signal?> signal)
        {
            try
            {
                await timer.Task;
                signal.TrySetResult(null);
            }
            catch (OperationCanceledException) { }
        }
    }

    public void ReportProgress(string taskPath, int attempt, TaskResult result)
    {
        thread.Check(nameof(ReportProgress));
        Add($"tell {Address(taskPath, attempt)} {result.State}", a => a with { Progress = (taskPath, result.State) });
    }

    public void Feed(HistoryEvent happened)
    {
        events++;
        switch (happened)
        {
            case HistoryEvent.TaskEnded end when tasks.TryGetValue(Address(end.Path, end.Attempt), out var task):
                task.SetResult(end.Result);
                break;
            case HistoryEvent.TimerFired fired when timers.TryGetValue(fired.Key, out var timer):
                timer.TrySetResult();
                break;
            case HistoryEvent.Signaled told:
                SourceOf(told.Signal.Name).TrySetResult(told.Signal);
                break;
            default:
                thread.Violations.Add($"The history has {happened}, which this pass never asked for.");
                break;
        }
    }

    private static string Address(string path, int attempt) => string.Create(CultureInfo.InvariantCulture, $"{path}#{attempt}");

    private TaskCompletionSource StartTimer(string key, TimeSpan delay, CancellationToken cancellationToken)
    {
        Add($"timer {key} {delay}", a => a with { Timer = (key, delay) });
        var timer = new TaskCompletionSource();
        if (!timers.TryAdd(key, timer))
        {
            thread.Violations.Add($"The timer {key} was started twice.");
        }

        cancellationToken.Register(() =>
        {
            if (timer.TrySetCanceled(cancellationToken))
            {
                Add("cancel timer " + key, a => a with { CanceledTimer = key });
            }
        });
        return timer;
    }

    private TaskCompletionSource<Signal?> SourceOf(string name)
    {
        if (!signals.TryGetValue(name, out var source))
        {
            signals[name] = source = new TaskCompletionSource<Signal?>();
        }

        return source;
    }

    private void Add(string what, Func<OrchestratorAction, OrchestratorAction>? complete = null)
    {
        var action = new OrchestratorAction(events, what);
        Actions.Add(complete is null ? action : complete(action));
    }
}
