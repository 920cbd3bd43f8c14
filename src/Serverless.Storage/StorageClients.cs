using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Data.Tables;
using Azure.Storage.Blobs;
using Serverless.Core;
using Serverless.Storage.Blobs;

namespace Serverless.Storage;

/// <summary>
/// Creates the clients of the account's two services, by connection string or by identity, with the retries that the options set.
/// </summary>
internal static class StorageClients
{
    public static (TableServiceClient Tables, BlobServiceClient Blobs) Of(StorageOptions options)
    {
        var table = Configure(new TableClientOptions(), options.OutageTolerance);
        var blob = Configure(new BlobClientOptions(BlobFolder.Version), options.OutageTolerance);
        if (options.AccountName is { } account)
        {
            var credential = StorageIdentity.Of(options.ClientId);
            return (
                new TableServiceClient(new Uri($"https://{account}.table.core.windows.net"), credential, table),
                new BlobServiceClient(new Uri($"https://{account}.blob.core.windows.net"), credential, blob)
            );
        }

        try
        {
            return (new TableServiceClient(options.ConnectionString, table), new BlobServiceClient(options.ConnectionString, blob));
        }
        catch (Exception e) when (e is FormatException or ArgumentException or InvalidOperationException)
        {
            throw new ServerlessException(
                ErrorCodes.Environment,
                "AzureWebJobsStorage is not a valid connection string.",
                "Remove the setting to use Azurite, or copy the connection string of a storage account.",
                inner: e
            );
        }
    }

    /// <param name="handler">The handler that sends the requests, instead of the shared connection pool.</param>
    public static T Configure<T>(T client, TimeSpan outageTolerance, HttpMessageHandler? handler = null)
        where T : ClientOptions
    {
        client.Retry.Mode = RetryMode.Exponential;
        client.Retry.Delay = TimeSpan.FromMilliseconds(200);
        client.Retry.MaxDelay = TimeSpan.FromSeconds(4);
        client.Retry.MaxRetries = RetriesWithin(outageTolerance);
        client.Retry.NetworkTimeout = TimeSpan.FromSeconds(100);
        client.Diagnostics.IsTelemetryEnabled = false;
        client.Diagnostics.IsDistributedTracingEnabled = false;
        client.Diagnostics.IsLoggingEnabled = false;
        client.Transport = handler is null
            ? SharedTransport
            : new HttpClientTransport(new HttpClient(handler, disposeHandler: false) { Timeout = Timeout.InfiniteTimeSpan });
        return client;
    }

    /// <summary>Returns how many pauses of 0.2, 0.4, 0.8, 1.6, 3.2 and then 4 s each fill the time.</summary>
    private static int RetriesWithin(TimeSpan time)
    {
        var count = 0;
        for (var (left, pause) = (time.TotalSeconds, 0.2); left > 0; left -= pause, pause = Math.Min(4, pause * 2))
        {
            count++;
        }

        return count;
    }

    /// <summary>
    /// A connection pool for both services. Azure.Core's own allows 50 connections to a server; a wide fan-out needs more, and a download
    /// occupies one as long as its client takes.
    /// </summary>
    private static readonly HttpPipelineTransport SharedTransport = new HttpClientTransport(
        new HttpClient(
            new SocketsHttpHandler
            {
                MaxConnectionsPerServer = 256,
                PooledConnectionIdleTimeout = TimeSpan.FromMinutes(1),
                AllowAutoRedirect = false,
                UseCookies = false,
            }
        )
        {
            Timeout = Timeout.InfiniteTimeSpan,
        }
    );
}
