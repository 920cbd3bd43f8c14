namespace Serverless.Pipelines.Engines.Local;

/// <summary>
/// Where an orchestrator runs: one piece after the other, in the order they came, on whatever thread of the pool is free. It knows
/// when there is nothing left to do, which is when the orchestrator waits for the world.
/// </summary>
public sealed class OrchestrationThread : SynchronizationContext
{
    private readonly Lock gate = new();
    private readonly Queue<(SendOrPostCallback Work, object? State)> queue = new();
    private TaskCompletionSource? idle;
    private bool isBusy;

    public override void Post(SendOrPostCallback d, object? state)
    {
        lock (gate)
        {
            queue.Enqueue((d, state));
            if (isBusy)
            {
                return;
            }

            isBusy = true;
        }

        ThreadPool.UnsafeQueueUserWorkItem(static thread => thread.Drain(), this, preferLocal: false);
    }

    public override void Send(SendOrPostCallback d, object? state) =>
        throw new NotSupportedException("The orchestrator waits for no thread.");

    public override SynchronizationContext CreateCopy() => this;

    /// <summary>Runs the work here, and gives out how it ends.</summary>
    public Task<T> RunAsync<T>(Func<Task<T>> work)
    {
        var end = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        Post(_ => _ = CompleteAsync(work, end), null);
        return end.Task;
    }

    /// <summary>Ends when all that was asked of it is done, and what followed from it.</summary>
    public Task IdleAsync()
    {
        lock (gate)
        {
            return isBusy
                ? (idle ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task
                : Task.CompletedTask;
        }
    }

    private static async Task CompleteAsync<T>(Func<Task<T>> work, TaskCompletionSource<T> end)
    {
        try
        {
            end.SetResult(await work());
        }
        catch (Exception e)
        {
            end.SetException(e);
        }
    }

    private void Drain()
    {
        var before = Current;
        SetSynchronizationContext(this);
        try
        {
            while (true)
            {
                (SendOrPostCallback Work, object? State) next;
                lock (gate)
                {
                    if (!queue.TryDequeue(out next))
                    {
                        isBusy = false;
                        idle?.SetResult();
                        idle = null;
                        return;
                    }
                }

                next.Work(next.State);
            }
        }
        finally
        {
            SetSynchronizationContext(before);
        }
    }
}
