using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;
using Serverless.Functions.Durable;

namespace Serverless.Functions.Timers;

/// <summary>The clock of the platform. What is due follows from what is stored, so a tick that was missed needs no monitor.</summary>
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
