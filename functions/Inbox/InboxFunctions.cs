using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;
using Serverless.Functions.Automation;
using Serverless.Functions.Durable;

namespace Serverless.Functions.Inbox;

/// <summary>Processes new data in the inbox. Event Grid reports it, so no container is scanned.</summary>
public sealed class InboxFunctions(CloudPolicies policies, DurableClientHolder clients)
{
    [Function("Inbox")]
    public Task InboxAsync(
        [BlobTrigger("inbox/{name}", Source = BlobTriggerSource.EventGrid, Connection = "AzureWebJobsStorage")] Stream blob,
        string name,
        [DurableClient] DurableTaskClient client,
        CancellationToken cancellationToken
    )
    {
        clients.Use(client);
        return policies.TakeAsync(name, cancellationToken);
    }
}
