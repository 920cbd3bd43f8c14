using System.Reflection;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Serverless.Functions.Pipelines;

namespace Serverless.Functions.Tests.Durable;

/// <summary>An orchestration: its history, and what it has asked for so far.</summary>
internal sealed class DurableInstance(string id, string name, string input, (DurableInstance Instance, int Id)? parent)
{
    private readonly List<(DateTime Time, List<Happened> Events)> history = [];

    public string Id => id;

    public string Name => name;

    public string Input { get; private set; } = input;

    public (DurableInstance Instance, int Id)? Parent => parent;

    public List<Happened> Inbox { get; } = [new Happened.Started()];

    public List<EngineAction> Actions { get; } = [];

    public OrchestrationRuntimeStatus Status { get; private set; } = OrchestrationRuntimeStatus.Running;

    public TaskFailureDetails? Failure { get; private set; }

    public string Output { get; private set; } = "null";

    /// <summary>How long its history has become: what happened, and what was asked for.</summary>
    public int HistoryLength => history.Sum(h => h.Events.Count) + Actions.Count;

    /// <summary>Runs the orchestrator again from its start over all that has happened, and answers what it asks for that is new.</summary>
    public IReadOnlyList<EngineAction> Replay(DateTime now)
    {
        history.Add((now, [.. Inbox]));
        Inbox.Clear();
        ReplayingContext context = null!;
        DurableThread thread = null!;
        Task result = null!;
        var worker = new Thread(() =>
        {
            thread = new DurableThread();
            context = new ReplayingContext(thread, this);
            foreach (var (time, events) in history)
            {
                context.At(time, isReplay: !ReferenceEquals(events, history[^1].Events));
                foreach (var happened in events)
                {
                    thread.Run(() =>
                    {
                        if (happened is Happened.Started)
                        {
                            result = (Task)DurableFunctions.Orchestrator(name).Invoke(null, [context])!;
                            if (!result.IsCompleted && !context.IsAccessed)
                            {
                                thread.Violate("The orchestrator awaited something before it asked the engine for anything.");
                            }
                        }
                        else
                        {
                            context.Process(happened);
                        }
                    });
                }
            }
        });
        worker.Start();
        worker.Join();
        lock (thread.Violations)
        {
            Assert.Empty(thread.Violations);
        }

        for (var i = 0; i < Actions.Count; i++)
        {
            Assert.True(i < context.Actions.Count, $"Not deterministic: {name} did less than in the pass before; {Actions[i]} is missing.");
            Assert.Equal(Actions[i], context.Actions[i]);
        }

        var fresh = context.Actions.Skip(Actions.Count).ToList();
        Actions.AddRange(fresh);
        if (result.IsCompleted && !context.HasOpenTasks)
        {
            Complete(context, result);
        }

        return fresh;
    }

    public void Fail(string why)
    {
        Status = OrchestrationRuntimeStatus.Failed;
        Failure = new TaskFailureDetails("Failed", why, null, null, null);
    }

    private void Complete(ReplayingContext context, Task result)
    {
        if (result.IsFaulted)
        {
            Status = OrchestrationRuntimeStatus.Failed;
            var e = result.Exception!.InnerException!;
            Failure = new TaskFailureDetails(e.GetType().ToString(), e.Message, e.StackTrace, null, null);
        }
        else if (context.NewInput is { } next)
        {
            history.Clear();
            Actions.Clear();
            Input = next;
            Inbox.InsertRange(0, [new Happened.Started(), .. context.Kept]);
        }
        else
        {
            Status = OrchestrationRuntimeStatus.Completed;
            Output = DurableFunctions.ResultOf(result);
        }
    }
}

/// <summary>Finds functions by their attributes, as the worker does.</summary>
internal static class DurableFunctions
{
    private static readonly Type[] Classes =
    [
        .. typeof(PipelineFunctions)
            .Assembly.GetTypes()
            .Concat(typeof(DurableFunctions).Assembly.GetTypes())
            .Where(t => t.IsPublic && t.Name.EndsWith("Functions", StringComparison.Ordinal)),
    ];

    public static IEnumerable<MethodInfo> All =>
        Classes.SelectMany(c => c.GetMethods()).Where(m => m.GetCustomAttribute<FunctionAttribute>() is not null);

    public static MethodInfo Orchestrator(string name) => Find<OrchestrationTriggerAttribute>(name);

    public static MethodInfo Activity(string name) => Find<ActivityTriggerAttribute>(name);

    public static string ResultOf(Task task) =>
        ReplayingContext.Serialize(
            task.GetType().GetProperty("Result") is { } result && result.PropertyType.Name != "VoidTaskResult"
                ? result.GetValue(task)
                : null
        );

    private static MethodInfo Find<T>(string name)
        where T : Attribute =>
        All.Single(m =>
            m.GetCustomAttribute<FunctionAttribute>()!.Name == name && m.GetParameters().Any(p => p.GetCustomAttribute<T>() is not null)
        );
}
