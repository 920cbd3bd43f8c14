namespace Serverless.Pipelines;

/// <summary>Lets so many run at a time, in the order they asked. No thread waits, and nothing is left to chance.</summary>
internal sealed class Slots(int count)
{
    private readonly Queue<TaskCompletionSource> waiting = new();
    private int free = count <= 0 ? int.MaxValue : count;
    private bool open;

    public Task TakeAsync()
    {
        if (open || free > 0)
        {
            free--;
            return Task.CompletedTask;
        }

        var turn = new TaskCompletionSource();
        waiting.Enqueue(turn);
        return turn.Task;
    }

    public void Release()
    {
        free++;
        if (!open && free > 0 && waiting.TryDequeue(out var next))
        {
            free--;
            next.SetResult();
        }
    }

    /// <summary>Lets all through: they see that the run was cancelled and end.</summary>
    public void ReleaseAll()
    {
        open = true;
        while (waiting.TryDequeue(out var next))
        {
            free--;
            next.SetResult();
        }
    }
}
