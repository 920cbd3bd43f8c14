using System.Text.Json;
using Microsoft.DurableTask;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Serverless.Pipelines.Engines.Durable;

namespace Serverless.Functions.Tests.Durable;

/// <summary>Something that happened to an instance, as its history has it.</summary>
internal abstract record Happened
{
    public sealed record Started : Happened;

    public sealed record Completed(int Id, string Result) : Happened;

    public sealed record Failed(int Id, TaskFailureDetails Details) : Happened;

    public sealed record Fired(int Id) : Happened;

    public sealed record Raised(string Name, string Payload) : Happened;
}

internal enum ActionKind
{
    Activity,
    Orchestrator,
    Timer,
}

/// <summary>What an orchestrator asked for, and after how many events.</summary>
internal sealed record EngineAction(
    int Id,
    int AfterEvents,
    ActionKind Kind,
    string Name,
    string? Input,
    DateTime FireAt,
    string? InstanceId
);

/// <summary>One pass of an orchestrator function over its history, with the engine's rules.</summary>
internal sealed class ReplayingContext(DurableThread thread, DurableInstance instance) : TaskOrchestrationContext
{
    /// <summary>Longer timers are several.</summary>
    private static readonly TimeSpan LongestTimer = TimeSpan.FromDays(3);

    private static readonly JsonSerializerOptions Json = new() { PropertyNameCaseInsensitive = true };
    private readonly Dictionary<int, TaskCompletionSource<string>> open = [];
    private readonly Dictionary<string, Stack<TaskCompletionSource<string>>> waits = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, Type> awaited = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<(string Name, string Payload)> buffered = [];
    private bool isReplaying;
    private bool keepsEvents;
    private DateTime now;
    private int events;
    private int ids;

    public List<EngineAction> Actions { get; } = [];

    public bool HasOpenTasks => open.Count > 0;

    public bool IsAccessed { get; private set; }

    /// <summary>Set once the orchestrator starts anew with another input.</summary>
    public string? NewInput { get; private set; }

    /// <summary>Events that it had not asked for by then.</summary>
    public IEnumerable<Happened> Kept => keepsEvents ? buffered.Select(b => new Happened.Raised(b.Name, b.Payload)) : [];

    public override TaskName Name => instance.Name;

    public override string InstanceId => instance.Id;

    public override ParentOrchestrationInstance? Parent => null;

    public override DateTime CurrentUtcDateTime => now;

    public override bool IsReplaying => isReplaying;

    protected override ILoggerFactory LoggerFactory => NullLoggerFactory.Instance;

    public static string Serialize(object? value, DurableThread? thread = null)
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(value, Json);
        if (bytes.Length > EngineMessage.MaxBytes)
        {
            var what = $"A message of {bytes.Length:N0} bytes: {EngineMessage.MaxBytes:N0} is the most.";
            if (thread is null)
            {
                throw new InvalidOperationException(what);
            }

            thread.Violate(what);
        }

        return System.Text.Encoding.UTF8.GetString(bytes);
    }

    public static object? Deserialize(string json, Type type) => JsonSerializer.Deserialize(json, type, Json);

    /// <summary>What the host takes for an id.</summary>
    public static void CheckInstanceId(string id)
    {
        if (id.Length is 0 or > 100 || id[0] == '@' || id.Any(c => c is '/' or '\\' or '?' or '#' || char.IsControl(c)))
        {
            throw new ArgumentException($"'{id}' cannot be the id of an instance.", nameof(id));
        }
    }

    public override T? GetInput<T>()
        where T : default
    {
        Access(nameof(GetInput));
        return JsonSerializer.Deserialize<T>(instance.Input, Json);
    }

    public override async Task<TResult> CallActivityAsync<TResult>(TaskName name, object? input = null, TaskOptions? options = null)
    {
        var wait = options?.Retry?.Policy?.FirstRetryInterval ?? TimeSpan.Zero;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return JsonSerializer.Deserialize<TResult>(
                    await AskAsync(ActionKind.Activity, name, Serialize(input, thread), default, null),
                    Json
                )!;
            }
            catch (TaskFailedException) when (options?.Retry?.Policy is { } policy && attempt < policy.MaxNumberOfAttempts)
            {
                await CreateTimer(now + wait, CancellationToken.None);
                wait = TimeSpan.FromTicks(Math.Min((long)(wait.Ticks * policy.BackoffCoefficient), policy.MaxRetryInterval.Ticks));
            }
        }
    }

    public override async Task<TResult> CallSubOrchestratorAsync<TResult>(
        TaskName orchestratorName,
        object? input = null,
        TaskOptions? options = null
    )
    {
        CheckInstanceId((options as SubOrchestrationOptions)?.InstanceId ?? "none");
        return JsonSerializer.Deserialize<TResult>(
            await AskAsync(
                ActionKind.Orchestrator,
                orchestratorName,
                Serialize(input, thread),
                default,
                (options as SubOrchestrationOptions)?.InstanceId
            ),
            Json
        )!;
    }

    public override async Task CreateTimer(DateTime fireAt, CancellationToken cancellationToken)
    {
        while (fireAt - now > LongestTimer && !cancellationToken.IsCancellationRequested)
        {
            await TimeAsync(now + LongestTimer, cancellationToken);
        }

        await TimeAsync(fireAt, cancellationToken);
    }

    private async Task TimeAsync(DateTime fireAt, CancellationToken cancellationToken)
    {
        var id = ids;
        var fired = AskAsync(ActionKind.Timer, "", null, fireAt, null);
        var source = open[id];
        cancellationToken.Register(() =>
        {
            if (source.TrySetCanceled())
            {
                open.Remove(id);
            }
        });
        await fired;
    }

    public override async Task<T> WaitForExternalEvent<T>(string eventName, CancellationToken cancellationToken = default)
    {
        Access(nameof(WaitForExternalEvent));
        if (!awaited.TryAdd(eventName, typeof(T)) && awaited[eventName] != typeof(T))
        {
            throw new ArgumentException("Events with the same name must have the same type argument.", nameof(eventName));
        }

        var wait = new TaskCompletionSource<string>();
        if (!waits.TryGetValue(eventName, out var stack))
        {
            waits[eventName] = stack = new Stack<TaskCompletionSource<string>>();
        }

        stack.Push(wait);
        var there = buffered.FindIndex(b => string.Equals(b.Name, eventName, StringComparison.OrdinalIgnoreCase));
        if (there >= 0)
        {
            var payload = buffered[there].Payload;
            buffered.RemoveAt(there);
            Raise(eventName, payload);
        }

        // A wait that was given up stays where it is, and swallows the event: so does the engine.
        cancellationToken.Register(() => wait.TrySetCanceled(cancellationToken));
        return JsonSerializer.Deserialize<T>(await wait.Task, Json)!;
    }

    public override void ContinueAsNew(object? newInput = null, bool preserveUnprocessedEvents = true)
    {
        Access(nameof(ContinueAsNew));
        NewInput = Serialize(newInput, thread);
        keepsEvents = preserveUnprocessedEvents;
    }

    public override Guid NewGuid() => throw new NotSupportedException("Nothing of ours needs it.");

    public override void SendEvent(string instanceId, string eventName, object payload) =>
        throw new NotSupportedException("Nothing of ours needs it.");

    public override void SetCustomStatus(object? customStatus) => Serialize(customStatus, thread);

    public void At(DateTime time, bool isReplay) => (now, isReplaying) = (time, isReplay);

    public void Process(Happened happened)
    {
        events++;
        switch (happened)
        {
            case Happened.Completed done when open.Remove(done.Id, out var task):
                task.SetResult(done.Result);
                break;
            case Happened.Failed failed when open.Remove(failed.Id, out var task):
                task.SetException(new TaskFailedException(Actions.First(a => a.Id == failed.Id).Name, failed.Id, failed.Details));
                break;
            case Happened.Fired fired when open.Remove(fired.Id, out var timer):
                timer.SetResult("");
                break;
            case Happened.Raised raised:
                Raise(raised.Name, raised.Payload);
                break;
        }
    }

    private void Raise(string name, string payload)
    {
        if (waits.TryGetValue(name, out var stack) && stack.TryPop(out var wait))
        {
            wait.TrySetResult(payload);
        }
        else
        {
            buffered.Add((name, payload));
        }
    }

    private Task<string> AskAsync(ActionKind kind, string name, string? input, DateTime fireAt, string? instanceId)
    {
        Access(kind.ToString());
        var id = ids++;
        Actions.Add(new EngineAction(id, events, kind, name, input, fireAt, instanceId));
        var end = new TaskCompletionSource<string>();
        open[id] = end;
        return end.Task;
    }

    private void Access(string what)
    {
        thread.CheckCall(what);
        IsAccessed = true;
    }
}
