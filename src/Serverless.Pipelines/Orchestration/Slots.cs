namespace Serverless.Pipelines.Orchestration;

/// <summary>Lets so many run at a time, in the order they asked. No thread waits, and nothing is left to chance.</summary>
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

    /// <summary>Whoever waits longest goes on with the place; after a cancel it sees that, and hands it on at once.</summary>
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
