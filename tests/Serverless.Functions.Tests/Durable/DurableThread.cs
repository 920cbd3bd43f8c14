namespace Serverless.Functions.Tests.Durable;

/// <summary>
/// The thread of a durable orchestrator, as the engine has it: what is posted runs at once, and whoever posts from elsewhere has awaited
/// something that is not the engine's.
/// </summary>
internal sealed class DurableThread : SynchronizationContext
{
    private readonly InlineScheduler scheduler = new();
    private readonly int thread = Environment.CurrentManagedThreadId;

    /// <summary>What the orchestrator must not have done.</summary>
    public List<string> Violations { get; } = [];

    public override void Post(SendOrPostCallback d, object? state)
    {
        Check("a continuation");
        _ = Task.Factory.StartNew(() => d(state), CancellationToken.None, TaskCreationOptions.None, scheduler);
    }

    public override void Send(SendOrPostCallback d, object? state) => throw new NotSupportedException();

    public override SynchronizationContext CreateCopy() => this;

    public void Run(Action work)
    {
        var before = Current;
        SetSynchronizationContext(this);
        try
        {
            work();
        }
        finally
        {
            SetSynchronizationContext(before);
        }
    }

    public void Check(string what)
    {
        if (Environment.CurrentManagedThreadId != thread)
        {
            Violate($"{what} came from a foreign thread: the orchestrator awaited something that is not of its context.");
        }
    }

    /// <summary>A call of the engine: on its thread and on its context.</summary>
    public void CheckCall(string what)
    {
        Check(what);
        if (Current != this)
        {
            Violate($"{what} was called outside of the engine's context: it would never come back.");
        }
    }

    public void Violate(string what)
    {
        lock (Violations)
        {
            Violations.Add(what);
        }
    }

    private sealed class InlineScheduler : TaskScheduler
    {
        protected override void QueueTask(Task task) => TryExecuteTask(task);

        protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) => TryExecuteTask(task);

        protected override IEnumerable<Task> GetScheduledTasks() => [];
    }
}
