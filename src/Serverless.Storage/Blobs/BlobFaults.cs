using Azure;
using Azure.Storage.Blobs;
using Serverless.Core;

namespace Serverless.Storage.Blobs;

/// <summary>Translates faults of a container into errors that tell the user of a remote what to do.</summary>
internal sealed class BlobFaults(BlobContainerClient container)
{
    /// <summary>The error for content that does not match the digest in its name.</summary>
    public static ServerlessException Changed(string name, Exception? inner) =>
        new(
            ErrorCodes.InvalidState,
            $"The content of '{name}' does not match its name: the source is corrupt, or the content changed in transit.",
            "Upload it again. `mlops fsck` finds corrupt files.",
            inner: inner
        );

    /// <summary>Translates a fault, or returns null for an exception of another kind.</summary>
    public ServerlessException? Of(Exception e) =>
        e switch
        {
            RequestFailedException { Status: 404, ErrorCode: "ContainerNotFound" } r => new ServerlessException(
                ErrorCodes.Environment,
                $"Container '{container.Name}' does not exist at {container.Uri.Authority}.",
                $"Create it (`az storage container create --name {container.Name}`), or fix the remote's URL.",
                404,
                inner: r
            ),
            RequestFailedException { Status: 401 or 403 } r => new ServerlessException(
                ErrorCodes.Environment,
                $"The storage account at {container.Uri.Authority} refused the remote's credentials ({r.ErrorCode ?? "Forbidden"}).",
                Advice(r),
                403,
                inner: r
            ),
            Azure.Identity.AuthenticationFailedException a => new ServerlessException(
                ErrorCodes.Environment,
                $"No signed-in identity has access to {container.Uri.Authority}: {a.Message.Split('\n')[0]}",
                "Sign in (`az login`), or set the remote's connection_string, account_key or sas_token.",
                403,
                inner: a
            ),
            _ => StorageFaults.Translate(e) is { IsRetryable: true } away
                ? ServerlessException.Unavailable(
                    away.Message,
                    $"Check the network, and that {container.Uri.Authority} is the right address. Transferred files are kept.",
                    e
                )
                : StorageFaults.Translate(e),
        };

    private static string Advice(RequestFailedException e) =>
        e.Message.Contains("Signature not valid in the specified time frame", StringComparison.OrdinalIgnoreCase)
        || e.Message.Contains("expired", StringComparison.OrdinalIgnoreCase)
            ? "The shared access signature has expired: set a new sas_token."
            : "Check the remote's account_key or sas_token (it may have expired or lack write permission), or grant the identity the "
                + "role `Storage Blob Data Contributor`.";
}
