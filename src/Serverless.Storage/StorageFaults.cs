using Azure;
using Serverless.Core;

namespace Serverless.Storage;

/// <summary>Translates exceptions of the storage client into <see cref="ServerlessException"/>.</summary>
internal static class StorageFaults
{
    private const int LinuxDiskFull = 28;
    private const int LinuxQuota = 122;
    private const int WindowsDiskFull = unchecked((int)0x80070070);
    private const int InsufficientStorage = 507;

    public static ServerlessException? Translate(Exception e) =>
        e switch
        {
            ServerlessException => null,
            RequestFailedException r when IsDiskFull(r) => DiskFull(r),
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
            // A key, a name or a value that it cannot hold: sent again it is refused again.
            RequestFailedException { Status: 400 or 413 or 414 or 431 } r => new ServerlessException(
                ErrorCodes.InvalidParameterValue,
                $"The store cannot hold what was sent ({(string.IsNullOrEmpty(r.ErrorCode) ? FirstLine(r) : r.ErrorCode)}).",
                "Names have at most 256 characters, and none that are invisible or half of one.",
                inner: r
            ),
            RequestFailedException r => new ServerlessException(
                ErrorCodes.InternalError,
                $"The storage account refused a request ({r.ErrorCode}: {FirstLine(r)}).",
                status: 500,
                inner: r
            ),
            // Files that are staged on this machine: not the store's disk.
            IOException { HResult: LinuxDiskFull or LinuxQuota or WindowsDiskFull } io => new ServerlessException(
                ErrorCodes.StorageFull,
                $"There is no space left on the disk: {io.Message}",
                "Free some space, then retry the run with `mlops retry`.",
                507,
                inner: io
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

    /// <summary>Azurite passes on what the system told it.</summary>
    private static bool IsDiskFull(RequestFailedException e) =>
        e.Status >= 500
        && (
            e.Message.Contains("ENOSPC", StringComparison.Ordinal)
            || e.Message.Contains("no space left", StringComparison.OrdinalIgnoreCase)
            || e.Message.Contains("disk is full", StringComparison.OrdinalIgnoreCase)
        );

    private static ServerlessException DiskFull(Exception e) =>
        new(
            ErrorCodes.StorageFull,
            "The disk of the store is full: nothing more can be written.",
            "Free space on it (`mlops gc`, `mlops runs gc`), or move the store. What was recorded is kept.",
            507,
            inner: e
        );

    private static string FirstLine(Exception e) => e.Message.Split('\n', 2)[0].TrimEnd('\r', '.');
}
