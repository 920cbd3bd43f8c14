namespace Serverless.Pipelines.Tests.Contract;

/// <summary>
/// The one thread that a replayed orchestrator may use. Work that another thread sends here means that the orchestrator awaited
/// something that is not of its context.
/// </summary>
internal sealed class ReplayThread : SynchronizationContext
{
    private readonly Queue<(SendOrPostCallback Work, object? State)> queue = new();
    private readonly int thread = Environment.CurrentManagedThreadId;

    /// <summary>What it must not have done.</summary>
    public List<string> Violations { get; } = [];

    public override void Post(SendOrPostCallback d, object? state)
    {
        if (Environment.CurrentManagedThreadId != thread)
        {
            lock (Violations)
            {
                Violations.Add("A continuation came from a foreign thread: the orchestrator awaited something that is not of its context.");
            }

            return;
        }

        queue.Enqueue((d, state));
    }

    public override void Send(SendOrPostCallback d, object? state) => throw new NotSupportedException();

    public override SynchronizationContext CreateCopy() => this;

    /// <summary>Runs the work and all that follows from it.</summary>
    public void Run(Action work)
    {
        var before = Current;
        SetSynchronizationContext(this);
        try
        {
            work();
            while (queue.TryDequeue(out var next))
            {
                next.Work(next.State);
            }
        }
        finally
        {
            SetSynchronizationContext(before);
        }
    }

    public void Check(string member)
    {
        if (Environment.CurrentManagedThreadId != thread || Current != this)
        {
            lock (Violations)
            {
                Violations.Add($"{member} was called outside of the orchestrator's thread: a ConfigureAwait(false), or a Task.Run.");
            }
        }
    }
}
