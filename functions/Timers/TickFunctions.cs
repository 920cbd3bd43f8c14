using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;
using Serverless.Functions.Durable;

namespace Serverless.Functions.Timers;

/// <summary>The platform's timer. The stored state determines what is due, so missed ticks need no monitor.</summary>
public sealed class TickFunctions(CloudKeeper keeper, DurableClientHolder clients)
{
    [Function("tick")]
    public Task TickAsync(
        [TimerTrigger("0 * * * * *", UseMonitor = false)] TimerInfo timer,
        [DurableClient] DurableTaskClient client,
        CancellationToken cancellationToken
    )
    {
        clients.Use(client);
        return keeper.TickAsync(cancellationToken);
    }
}
