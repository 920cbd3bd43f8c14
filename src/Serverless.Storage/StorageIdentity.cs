using Azure.Core;
using Azure.Identity;

namespace Serverless.Storage;

/// <summary>Who this process is to Azure.</summary>
public static class StorageIdentity
{
    /// <summary>A user-assigned identity by its client id, asked for alone, since the search through all sources costs a second at a
    /// cold start; else what this machine offers.</summary>
    public static TokenCredential Of(string? clientId) =>
        clientId is { Length: > 0 }
            ? new ManagedIdentityCredential(ManagedIdentityId.FromUserAssignedClientId(clientId))
            : new DefaultAzureCredential();
}
