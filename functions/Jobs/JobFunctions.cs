using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Logging;
using Serverless.Functions.Durable;
using Serverless.Functions.Hosting;
using Serverless.Pipelines.Jobs;
using Serverless.Storage.Queues;

namespace Serverless.Functions.Jobs;

/// <summary>Container jobs that have ended: whoever waits for them is told at once.</summary>
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
            // The wait may be over: a message that nobody needs must not come back as poison. A wait that goes on asks by itself.
            CloudLog.Broken(logger, ended.Waiter, e.Message);
        }
    }
}
