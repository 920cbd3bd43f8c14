using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;

namespace Serverless.Functions;

/// <summary>A new blob of the inbox. A delivery that comes again finds its answer; one that is lost is seen by the tick.</summary>
public sealed class InboxFunctions(CloudKeeper keeper, DurableClientHolder clients)
{
    [Function("Inbox")]
    public Task TakeAsync(
        [BlobTrigger("inbox/{name}", Source = BlobTriggerSource.EventGrid, Connection = "AzureWebJobsStorage")] Stream content,
        string name,
        [DurableClient] DurableTaskClient client,
        CancellationToken cancellationToken)
    {
        // The handler reads the upload by its ETag; what the binding brings may be a later one.
        _ = content;
        clients.Use(client);
        return keeper.TakeAsync(name, cancellationToken);
    }
}
