namespace Serverless.Tracking.Writing;

/// <summary>
/// Brings something up to date for all who wait for it. Who comes while that is under way may have come too late for it: all of those share
/// the next one, however many they are.
/// </summary>
internal sealed class SharedRefresh(Func<Task> refresh)
{
    private readonly Lock gate = new();
    private Task running = Task.CompletedTask;
    private Task? next;

    /// <summary>Ends when all is known that was there before the call.</summary>
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
