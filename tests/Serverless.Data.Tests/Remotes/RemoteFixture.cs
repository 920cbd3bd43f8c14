using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using Serverless.Api;
using Serverless.Api.Hosting;
using Serverless.Core;
using Serverless.Data.Remotes;
using Serverless.Data.Tests.Remotes;
using Serverless.Storage;
using Serverless.Testing;

[assembly: AssemblyFixture(typeof(RemoteFixture))]

namespace Serverless.Data.Tests.Remotes;

/// <summary>One Azurite and one host of the API for all tests; each takes a prefix or workspace of its own.</summary>
public sealed class RemoteFixture : IAsyncLifetime
{
    private readonly AzuriteFixture azurite = new();
    private WebApplication? app;

    public string ConnectionString => azurite.ConnectionString;

    public string ApiUrl => app!.Urls.First();

    public Workspaces Workspaces { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        await azurite.InitializeAsync();
        Workspaces = new Workspaces(await azurite.OpenStoreAsync("default"), TimeProvider.System);
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Logging.ClearProviders();
        app = builder.Build();
        app.MapServerless(Workspaces);
        await app.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await app!.DisposeAsync();
        await azurite.DisposeAsync();
    }

    public static string NewName() => "t" + Ids.NewId()[..12];

    /// <summary>A remote in Azurite, as a configuration would name it.</summary>
    public IRemote Blobs(string prefix, HttpMessageHandler? handler = null) =>
        RemoteFactory.Open(
            $"azure://{Store.ContainerName}/{prefix}",
            new Dictionary<string, string> { ["connection_string"] = ConnectionString },
            handler
        );

    public ApiRemote Api(string workspace, HttpMessageHandler? handler = null) =>
        (ApiRemote)RemoteFactory.Open($"{ApiUrl}/w/{workspace}", new Dictionary<string, string>(), handler);

    public Store StoreOf(string workspace) => Workspaces.Get(workspace).Store;
}
