using Azure.Core;
using Azure.Identity;

namespace Serverless.Storage;

/// <summary>Provides the Azure identity of this process.</summary>
public static class StorageIdentity
{
    /// <summary>
    /// Returns the user-assigned identity with the given client id, without searching other sources, because the search costs a second at
    /// a cold start. Otherwise returns what the environment offers.
    /// </summary>
    public static TokenCredential Of(string? clientId) =>
        clientId is { Length: > 0 }
            ? new ManagedIdentityCredential(ManagedIdentityId.FromUserAssignedClientId(clientId))
            : new DefaultAzureCredential();
}
