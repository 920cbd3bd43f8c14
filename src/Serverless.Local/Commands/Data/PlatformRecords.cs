using Serverless.Data.Datasets;
using Serverless.Data.Remotes;
using Serverless.Data.Repositories;
using Serverless.Storage;

namespace Serverless.Local.Commands.Data;

/// <summary>The content of a remote that platform records use, if the remote is a workspace. Null for any other remote.</summary>
internal static class PlatformRecords
{
    public static async Task<IReadOnlyDictionary<string, string>?> OfAsync(
        IRemote remote,
        Repository repository,
        string? name,
        CancellationToken cancellationToken
    )
    {
        if (remote is ApiRemote api)
        {
            return await api.ListInUseAsync(cancellationToken);
        }

        // `azure://mlops/{workspace}` is the platform's own container: its tables are in the same account.
        if (
            remote is not BlobRemote blobs
            || blobs.Container != Store.ContainerName
            || blobs.Prefix.Trim('/') is not { Length: > 0 } workspace
            || workspace.Contains('/', StringComparison.Ordinal)
        )
        {
            return null;
        }

        var options = repository.Config.Remote(name?.ToLowerInvariant() ?? repository.Config.DefaultRemote!);
        var connection =
            options.GetValueOrDefault("connection_string") ?? Environment.GetEnvironmentVariable("AZURE_STORAGE_CONNECTION_STRING");
        var store = await Store.OpenAsync(
            (
                connection is null
                    ? new StorageOptions
                    {
                        AccountName =
                            options.GetValueOrDefault("account_name") ?? Environment.GetEnvironmentVariable("AZURE_STORAGE_ACCOUNT"),
                    }
                    : new StorageOptions { ConnectionString = connection }
            ) with
            {
                Workspace = workspace,
            },
            cancellationToken
        );
        return await PlatformUse.CollectAsync(store, cancellationToken);
    }
}
