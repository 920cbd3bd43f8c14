using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Sas;

namespace Serverless.Storage.Blobs;

/// <summary>Creates temporary links for reading blobs without credentials.</summary>
internal sealed class BlobLinks(BlobServiceClient? delegating, BlobFaults faults)
{
    private static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(5);

    /// <returns>Null if the current credentials cannot sign.</returns>
    public async Task<Uri?> SignAsync(BlobClient blob, TimeSpan lifetime, TimeProvider time, CancellationToken cancellationToken)
    {
        if (blob.CanGenerateSasUri)
        {
            return Signed(blob, lifetime, time);
        }

        if (delegating is null)
        {
            return null;
        }

        try
        {
            var now = time.GetUtcNow();
            var key = (await delegating.GetUserDelegationKeyAsync(now - ClockSkew, now + lifetime, cancellationToken)).Value;
            return new BlobUriBuilder(blob.Uri)
            {
                Sas = Builder(blob, lifetime, time).ToSasQueryParameters(key, delegating.AccountName),
            }.ToUri();
        }
        catch (RequestFailedException e) when (e.Status is 401 or 403)
        {
            return null;
        }
        catch (Exception e) when (faults.Of(e) is { } fault)
        {
            throw fault;
        }
    }

    /// <summary>Signs a link with the key of the account.</summary>
    public static Uri Signed(BlobClient blob, TimeSpan lifetime, TimeProvider? time = null) =>
        blob.GenerateSasUri(Builder(blob, lifetime, time ?? TimeProvider.System));

    private static BlobSasBuilder Builder(BlobClient blob, TimeSpan lifetime, TimeProvider time) =>
        new(BlobSasPermissions.Read, time.GetUtcNow() + lifetime)
        {
            BlobContainerName = blob.BlobContainerName,
            BlobName = blob.Name,
            Resource = "b",
            StartsOn = time.GetUtcNow() - ClockSkew,
        };
}
