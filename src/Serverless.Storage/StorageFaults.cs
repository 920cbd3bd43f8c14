using Azure;
using Serverless.Core;

namespace Serverless.Storage;

/// <summary>Translates exceptions of the storage client into <see cref="ServerlessException"/>.</summary>
internal static class StorageFaults
{
    public static ServerlessException? Translate(Exception e) =>
        e switch
        {
            ServerlessException => null,
            RequestFailedException { Status: 0 or 408 or 429 or >= 500 } r => ServerlessException.Unavailable(
                $"The storage account does not answer ({FirstLine(r)}).",
                "Start it again. Recorded data is kept, and the run continues.",
                r
            ),
            RequestFailedException { Status: 401 or 403 } r => new ServerlessException(
                ErrorCodes.Environment,
                $"The storage account refused the credentials ({r.ErrorCode}).",
                "Check AzureWebJobsStorage, or grant the identity access to blobs and tables.",
                403,
                inner: r
            ),
            RequestFailedException { Status: 404 } r => ServerlessException.NotFound(
                $"The requested item does not exist in the storage account ({r.ErrorCode})."
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
                "Start it again. Recorded data is kept, and the run continues.",
                a
            ),
            _ => null,
        };

    private static string FirstLine(Exception e) => e.Message.Split('\n', 2)[0].TrimEnd('\r', '.');
}
