using Serverless.Core;
using Serverless.Local.Azurite;
using Serverless.Storage;
using Xunit;

namespace Serverless.Testing;

/// <summary>
/// A real Azurite for the tests of an assembly, on free ports, with nothing on disk. Each test takes a workspace of its own.
/// </summary>
public sealed class AzuriteFixture : IAsyncLifetime
{
    private readonly TestFolder folder = new();
    private AzuriteServer? server;

    public string ConnectionString => server!.ConnectionString;

    public async ValueTask InitializeAsync() =>
        server = await AzuriteServer.StartAsync(
            new AzuriteOptions
            {
                Folder = folder.At("azurite"),
                UseDefaultPorts = false,
                InMemory = true,
            }
        );

    public async ValueTask DisposeAsync()
    {
        await server!.DisposeAsync();
        folder.Dispose();
    }

    public Task<Store> OpenStoreAsync(string? workspace = null) =>
        Store.OpenAsync(new StorageOptions { ConnectionString = ConnectionString, Workspace = workspace ?? "t" + Ids.NewId()[..12] });
}
