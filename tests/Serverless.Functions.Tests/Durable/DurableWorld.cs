using System.Threading.Channels;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;

namespace Serverless.Functions.Tests.Durable;

/// <summary>
/// A durable engine in small: an orchestrator runs again from its start after each thing that happens to it, and must do the same again.
/// Activities run for real; timers fire when nothing else can happen.
/// </summary>
internal sealed class DurableWorld(Func<Type, object> functions) : DurableTaskClient("world")
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, DurableInstance> instances = new(StringComparer.Ordinal);
    private readonly PriorityQueue<(DurableInstance Instance, int Id), DateTime> timers = new();
    private readonly Channel<Action> arrived = Channel.CreateUnbounded<Action>();
    private DateTime now = DateTime.UnixEpoch.AddYears(50);
    private int running;

    /// <summary>Asked before an activity runs and after it: a crash is an exception, or an activity that is delivered twice.</summary>
    public Func<string, int>? Deliveries { get; init; }

    public IReadOnlyDictionary<string, DurableInstance> Instances => instances;

    public DateTime Now => now;

    /// <summary>Something that the engine waits for before it lets time pass.</summary>
    public void Await(Task work)
    {
        Interlocked.Increment(ref running);
        _ = work.ContinueWith(_ => arrived.Writer.TryWrite(() => Interlocked.Decrement(ref running)), TaskScheduler.Default);
    }

    /// <summary>Goes on until the instance has ended.</summary>
    public async Task<DurableInstance> EndAsync(string id)
    {
        while (true)
        {
            while (arrived.Reader.TryRead(out var arrive))
            {
                arrive();
            }

            DurableInstance? ready;
            lock (gate)
            {
                ready = instances.Values.FirstOrDefault(i => i.Inbox.Count > 0 && i.Status == OrchestrationRuntimeStatus.Running);
            }

            if (ready is not null)
            {
                Step(ready);
            }
            else if (Volatile.Read(ref running) > 0)
            {
                (await arrived.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(60)))();
            }
            else if (instances[id].Status != OrchestrationRuntimeStatus.Running)
            {
                return instances[id];
            }
            else
            {
                Assert.True(timers.TryDequeue(out var timer, out var due), $"{id} waits for something that the engine knows nothing of.");
                now = due > now ? due : now;
                timer.Instance.Inbox.Add(new Happened.Fired(timer.Id));
            }
        }
    }

    /// <summary>The engine's storage loses an instance.</summary>
    public void Forget(string id)
    {
        lock (gate)
        {
            instances.Remove(id);
        }
    }

    /// <summary>The engine gives an instance up.</summary>
    public void Fail(string id, string why) => instances[id].Fail(why);

    public override Task<string> ScheduleNewOrchestrationInstanceAsync(
        TaskName orchestratorName,
        object? input = null,
        StartOrchestrationOptions? options = null,
        CancellationToken cancellation = default
    )
    {
        var id = options!.InstanceId!;
        ReplayingContext.CheckInstanceId(id);
        lock (gate)
        {
            if (instances.TryGetValue(id, out var there) && there.Status == OrchestrationRuntimeStatus.Running)
            {
                throw new InvalidOperationException($"An Orchestration instance with the ID {id} already exists.");
            }

            instances[id] = new DurableInstance(id, orchestratorName.Name, ReplayingContext.Serialize(input), null);
        }

        return Task.FromResult(id);
    }

    public override Task RaiseEventAsync(
        string instanceId,
        string eventName,
        object? eventPayload = null,
        CancellationToken cancellation = default
    )
    {
        var raised = new Happened.Raised(eventName, ReplayingContext.Serialize(eventPayload));
        lock (gate)
        {
            if (instances.TryGetValue(instanceId, out var known) && known.Status != OrchestrationRuntimeStatus.Running)
            {
                throw new InvalidOperationException(
                    $"Cannot raise event {eventName} for orchestration instance {instanceId} because instance is in {known.Status} state"
                );
            }
        }

        arrived.Writer.TryWrite(() =>
        {
            if (instances.TryGetValue(instanceId, out var there))
            {
                there.Inbox.Add(raised);
            }
        });
        return Task.CompletedTask;
    }

    public override Task<OrchestrationMetadata?> GetInstancesAsync(
        string instanceId,
        bool getInputsAndOutputs = false,
        CancellationToken cancellation = default
    )
    {
        lock (gate)
        {
            return Task.FromResult(
                instances.TryGetValue(instanceId, out var there)
                    ? new OrchestrationMetadata(there.Name, there.Id)
                    {
                        RuntimeStatus = there.Status,
                        FailureDetails = getInputsAndOutputs ? there.Failure : null,
                    }
                    : null
            );
        }
    }

    public override Task<OrchestrationMetadata> WaitForInstanceStartAsync(
        string instanceId,
        bool getInputsAndOutputs = false,
        CancellationToken cancellation = default
    ) => throw Unused();

    public override Task<OrchestrationMetadata> WaitForInstanceCompletionAsync(
        string instanceId,
        bool getInputsAndOutputs = false,
        CancellationToken cancellation = default
    ) => throw Unused();

    public override Task SuspendInstanceAsync(string instanceId, string? reason = null, CancellationToken cancellation = default) =>
        throw Unused();

    public override Task ResumeInstanceAsync(string instanceId, string? reason = null, CancellationToken cancellation = default) =>
        throw Unused();

    public override AsyncPageable<OrchestrationMetadata> GetAllInstancesAsync(OrchestrationQuery? filter = null) => throw Unused();

    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static NotSupportedException Unused() => new("Nothing of ours needs it.");

    private void Step(DurableInstance instance)
    {
        foreach (var action in instance.Replay(now))
        {
            switch (action.Kind)
            {
                case ActionKind.Timer:
                    timers.Enqueue((instance, action.Id), action.FireAt);
                    break;
                case ActionKind.Activity:
                    Await(RunAsync(instance, action));
                    break;
                case ActionKind.Orchestrator:
                    lock (gate)
                    {
                        instances.Add(
                            action.InstanceId!,
                            new DurableInstance(action.InstanceId!, action.Name, action.Input!, (instance, action.Id))
                        );
                    }

                    break;
            }
        }

        if (instance is { Status: not OrchestrationRuntimeStatus.Running, Parent: { } parent })
        {
            parent.Instance.Inbox.Add(
                instance.Failure is { } failure
                    ? new Happened.Failed(parent.Id, failure)
                    : new Happened.Completed(parent.Id, instance.Output)
            );
        }
    }

    private async Task RunAsync(DurableInstance instance, EngineAction action)
    {
        await Task.Yield();
        Happened end;
        try
        {
            var method = DurableFunctions.Activity(action.Name);
            var result = "null";
            for (var i = Deliveries?.Invoke(action.Name) ?? 1; i > 0; i--)
            {
                var arguments = method
                    .GetParameters()
                    .Select(p =>
                        p.ParameterType == typeof(CancellationToken)
                            ? CancellationToken.None
                            : ReplayingContext.Deserialize(HostJson.Through(action.Input!), p.ParameterType)
                    )
                    .ToArray();
                var task = (Task)method.Invoke(functions(method.DeclaringType!), arguments)!;
                await task;
                result = HostJson.Through(DurableFunctions.ResultOf(task));
            }

            end = new Happened.Completed(action.Id, result);
        }
        catch (Exception e)
        {
            e = e is System.Reflection.TargetInvocationException { InnerException: { } inner } ? inner : e;
            end = new Happened.Failed(action.Id, new TaskFailureDetails(e.GetType().ToString(), e.Message, e.StackTrace, null, null));
        }

        arrived.Writer.TryWrite(() => instance.Inbox.Add(end));
    }
}
