namespace Serverless.Pipelines.Engines.Durable;

/// <summary>
/// The thread of an orchestrator inside of a durable one: a turn is what happened and everything that follows from it, and its end is
/// known. Nothing of it ever leaves the thread that runs the turn, so what the orchestrator awaits cannot be taken for a foreign await.
/// </summary>
internal sealed class TurnQueue : SynchronizationContext
{
    private readonly Queue<(SendOrPostCallback Work, object? State)> queue = new();
    private readonly int thread = Environment.CurrentManagedThreadId;

    public override void Post(SendOrPostCallback d, object? state)
    {
        if (Environment.CurrentManagedThreadId != thread)
        {
            throw new InvalidOperationException("The orchestrator awaited something outside its context.");
        }

        queue.Enqueue((d, state));
    }

    public override void Send(SendOrPostCallback d, object? state) =>
        throw new NotSupportedException("The orchestrator must not block a thread.");

    public override SynchronizationContext CreateCopy() => this;

    /// <summary>Runs the work and everything that follows from it.</summary>
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
}
