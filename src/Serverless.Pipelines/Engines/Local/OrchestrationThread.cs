namespace Serverless.Pipelines.Engines.Local;

/// <summary>
/// Runs an orchestrator: one piece of work after the other, in order of arrival, on any free thread of the pool. It knows when nothing is
/// left to do, which is when the orchestrator waits for external events.
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
        throw new NotSupportedException("The orchestrator must not block a thread.");

    public override SynchronizationContext CreateCopy() => this;

    /// <summary>Runs the work here and returns its result.</summary>
    public Task<T> RunAsync<T>(Func<Task<T>> work)
    {
        var end = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        Post(_ => _ = CompleteAsync(work, end), null);
        return end.Task;
    }

    /// <summary>Completes when all requested work, and everything that followed from it, is done.</summary>
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
