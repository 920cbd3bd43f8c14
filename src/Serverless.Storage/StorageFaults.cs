using Azure;
using Serverless.Core;

namespace Serverless.Storage;

/// <summary>Turns what the storage client throws into the one error type.</summary>
internal static class StorageFaults
{
    private const int InsufficientStorage = 507;

    public static ServerlessException? Translate(Exception e) =>
        e switch
        {
            ServerlessException => null,
            // The local store refuses what it could not keep.
            RequestFailedException { Status: InsufficientStorage } r => new ServerlessException(
                ErrorCodes.StorageFull,
                r.Message.Contains("DiskFull", StringComparison.Ordinal)
                    ? "The disk of the local store is full."
                    : $"The local store cannot write to its disk ({FirstLine(r)}).",
                "Make room on the disk that holds `.mlops`; the store goes on by itself, and what it acknowledged is kept.",
                InsufficientStorage,
                retryable: true,
                inner: r
            ),
            RequestFailedException { Status: 0 or 408 or 429 or >= 500 } r => ServerlessException.Unavailable(
                $"The storage account does not answer ({FirstLine(r)}).",
                "Start it again; what was recorded is kept, and the run goes on.",
                r
            ),
            RequestFailedException { Status: 401 or 403 } r => new ServerlessException(
                ErrorCodes.Environment,
                $"The storage account refused the credentials ({r.ErrorCode}).",
                "Check AzureWebJobsStorage, or give the identity access to blobs and tables.",
                403,
                inner: r
            ),
            RequestFailedException { Status: 404 } r => ServerlessException.NotFound(
                $"The storage account does not hold what was asked for ({r.ErrorCode})."
            ),
            RequestFailedException r => new ServerlessException(
                ErrorCodes.InternalError,
                $"The storage account refused a request ({r.ErrorCode}: {FirstLine(r)}).",
                status: 500,
                inner: r
            ),
            AggregateException a
                when a.InnerExceptions.All(i =>
                    i is RequestFailedException or TaskCanceledException or IOException or HttpRequestException
                ) => ServerlessException.Unavailable(
                $"The storage account does not answer ({FirstLine(a.InnerExceptions[^1])}).",
                "Start it again; what was recorded is kept, and the run goes on.",
                a
            ),
            _ => null,
        };

    private static string FirstLine(Exception e) => e.Message.Split('\n', 2)[0].TrimEnd('\r', '.');
}
