namespace Serverless.Tracking.Writing;

/// <summary>
/// Refreshes something for all waiting callers. Callers that arrive during a refresh may be too late for it, so all of them share the next
/// one.
/// </summary>
internal sealed class SharedRefresh(Func<Task> refresh)
{
    private readonly Lock gate = new();
    private Task running = Task.CompletedTask;
    private Task? next;

    /// <summary>Completes when everything that existed before the call is known.</summary>
    public Task Async()
    {
        lock (gate)
        {
            if (next is null && running.IsCompleted)
            {
                return running = Task.Run(refresh);
            }

            var before = running;
            return next ??= Task.Run(() => AfterAsync(before));
        }
    }

    private async Task AfterAsync(Task before)
    {
        await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Task now;
        lock (gate)
        {
            next = null;
            running = now = Task.Run(refresh);
        }

        await now;
    }
}
