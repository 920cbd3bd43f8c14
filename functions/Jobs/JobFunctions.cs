using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Logging;
using Serverless.Functions.Durable;
using Serverless.Functions.Hosting;
using Serverless.Pipelines.Jobs;
using Serverless.Storage.Queues;

namespace Serverless.Functions.Jobs;

/// <summary>Notifies waiting orchestrations of ended container jobs.</summary>
public sealed class JobFunctions(ILogger<JobFunctions> logger)
{
    [Function("job-ended")]
    public async Task EndedAsync(
        [QueueTrigger(EventQueue.Jobs, Connection = "AzureWebJobsStorage")] JobEnded ended,
        [DurableClient] DurableTaskClient client,
        CancellationToken cancellationToken
    )
    {
        try
        {
            await client.RaiseEventAsync(ended.Waiter, DurableNames.JobEnded, "ended", cancellationToken);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // The wait may be over: an obsolete message must not become a poison message. A wait in progress polls anyway.
            CloudLog.Broken(logger, ended.Waiter, e.Message);
        }
    }
}
