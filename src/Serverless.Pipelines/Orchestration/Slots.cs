namespace Serverless.Pipelines.Orchestration;

/// <summary>Limits parallelism in the order of requests, without blocking threads and deterministically.</summary>
internal sealed class Slots(int count)
{
    private readonly Queue<TaskCompletionSource> waiting = new();
    private int free = count <= 0 ? int.MaxValue : count;

    public Task TakeAsync()
    {
        if (free > 0)
        {
            free--;
            return Task.CompletedTask;
        }

        var turn = new TaskCompletionSource();
        waiting.Enqueue(turn);
        return turn.Task;
    }

    /// <summary>The longest waiting task takes the slot. After a cancellation it notices and passes the slot on immediately.</summary>
    public void Release()
    {
        if (waiting.TryDequeue(out var next))
        {
            next.SetResult();
        }
        else
        {
            free++;
        }
    }
}
