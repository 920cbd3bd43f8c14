using Azure;
using Azure.Identity;
using Azure.Storage;
using Azure.Storage.Blobs;
using Serverless.Core;

namespace Serverless.Storage.Blobs;

/// <summary>
/// Describes how to reach a storage account, in the terms of DVC's configuration: a connection string, an account with a key or a shared
/// access signature, a service principal, anonymously if the container is public, or the signed-in identity.
/// </summary>
public sealed record BlobAccess
{
    public string? ConnectionString { get; init; }

    public string? AccountName { get; init; }

    public string? AccountKey { get; init; }

    public string? SasToken { get; init; }

    public string? TenantId { get; init; }

    public string? ClientId { get; init; }

    public string? ClientSecret { get; init; }

    public bool IsAnonymous { get; init; }

    public bool ExcludeEnvironment { get; init; }

    public bool ExcludeManagedIdentity { get; init; }

    /// <summary>Gets how long a request is retried while there is no answer.</summary>
    public TimeSpan OutageTolerance { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Gets the handler that sends the requests, instead of the shared connection pool.</summary>
    public HttpMessageHandler? Handler { get; init; }

    /// <summary>Opens the container with the first complete set of credentials, in the same order as DVC.</summary>
    internal (BlobContainerClient Container, BlobServiceClient? Delegating) Open(string container)
    {
        var options = StorageClients.Configure(new BlobClientOptions(BlobFolder.Version), OutageTolerance, Handler);
        if (ConnectionString is { Length: > 0 } connection)
        {
            try
            {
                return (new BlobContainerClient(connection, container, options), null);
            }
            catch (Exception e) when (e is FormatException or ArgumentException or InvalidOperationException)
            {
                throw new ServerlessException(
                    ErrorCodes.Environment,
                    "The remote's connection string is not valid.",
                    "Copy it from the storage account again. It begins with `DefaultEndpointsProtocol=`, or is "
                        + "`UseDevelopmentStorage=true`.",
                    inner: e
                );
            }
        }

        if (AccountName is not { Length: > 0 } account)
        {
            throw new ServerlessException(
                ErrorCodes.Environment,
                "The remote has neither an account name nor a connection string.",
                "Set one: `mlops remote modify --local NAME connection_string …` (or `account_name`), or AZURE_STORAGE_CONNECTION_STRING."
            );
        }

        var service = new Uri($"https://{account}.blob.core.windows.net");
        try
        {
            BlobServiceClient With(Azure.Core.TokenCredential credential) => new(service, credential, options);
            if (TenantId is { Length: > 0 } && ClientId is { Length: > 0 } && ClientSecret is { Length: > 0 })
            {
                return Delegating(With(new ClientSecretCredential(TenantId, ClientId, ClientSecret)), container);
            }

            return AccountKey is { Length: > 0 } key
                    ? (
                        new BlobServiceClient(service, new StorageSharedKeyCredential(account, key), options).GetBlobContainerClient(
                            container
                        ),
                        null
                    )
                : SasToken is { Length: > 0 } sas
                    ? (
                        new BlobServiceClient(service, new AzureSasCredential(sas.TrimStart('?')), options).GetBlobContainerClient(
                            container
                        ),
                        null
                    )
                : IsAnonymous ? (new BlobServiceClient(service, options).GetBlobContainerClient(container), null)
                : Delegating(
                    With(
                        new DefaultAzureCredential(
                            new DefaultAzureCredentialOptions
                            {
                                ExcludeEnvironmentCredential = ExcludeEnvironment,
                                ExcludeManagedIdentityCredential = ExcludeManagedIdentity,
                            }
                        )
                    ),
                    container
                );
        }
        catch (Exception e) when (e is FormatException or ArgumentException)
        {
            throw new ServerlessException(
                ErrorCodes.Environment,
                $"The credentials of account '{account}' are malformed: {e.Message.Split('\n')[0]}",
                "Copy the key or the signature again.",
                inner: e
            );
        }
    }

    private static (BlobContainerClient Container, BlobServiceClient? Delegating) Delegating(BlobServiceClient service, string container) =>
        (service.GetBlobContainerClient(container), service);
}
