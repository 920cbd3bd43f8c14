using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Serverless.Api.Hosting;
using Serverless.Api.Tests;
using Serverless.Automation.Hooks;
using Serverless.Core;
using Serverless.Testing;

[assembly: AssemblyFixture(typeof(ApiFixture))]

namespace Serverless.Api.Tests;

/// <summary>
/// Two hosts of the API on one store, as in production: what one knows, the other may have changed. Each test takes a workspace of its own.
/// </summary>
public sealed class ApiFixture : IAsyncLifetime
{
    public const string WebhookSecret = "a secret of the tests";

    private readonly AzuriteFixture azurite = new();
    private readonly List<(WebApplication App, Workspaces Workspaces)> hosts = [];

    public async ValueTask InitializeAsync()
    {
        await azurite.InitializeAsync();
        for (var i = 0; i < 2; i++)
        {
            hosts.Add(
                await StartAsync(
                    new Workspaces(
                        await azurite.OpenStoreAsync("default"),
                        TimeProvider.System,
                        new ApiOptions
                        {
                            Github = new GithubOptions { WebhookSecret = WebhookSecret },
                            AllowsPrivateAlertTargets = true,
                        }
                    )
                )
            );
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var (app, workspaces) in hosts)
        {
            await app.DisposeAsync();
            await workspaces.DisposeAsync();
        }

        await azurite.DisposeAsync();
    }

    public static string NewWorkspace() => "t" + Ids.NewId()[..12];

    /// <summary>A client of one of the two hosts.</summary>
    public ApiClient Client(string? workspace = null, int host = 0) =>
        new(new Uri($"{hosts[host].App.Urls.First()}/w/{workspace ?? NewWorkspace()}/"));

    /// <summary>What the API works on, for what it does not offer itself.</summary>
    public WorkspaceServices Services(string workspace, int host = 0) => hosts[host].Workspaces.Get(workspace);

    /// <summary>Every route of the API, as the host has it.</summary>
    public IReadOnlyList<RouteEndpoint> Routes =>
        [.. hosts[0].App.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()];

    public Uri Address => new(hosts[0].App.Urls.First());

    /// <summary>Where a host is, without a workspace.</summary>
    public Uri Root => new(hosts[0].App.Urls.First());

    /// <summary>What is mapped, as methods and patterns: `GET /w/{workspace}/alerts`.</summary>
    public IEnumerable<(string Method, string Pattern)> Described() =>
        ((IEndpointRouteBuilder)hosts[0].App)
            .DataSources.SelectMany(s => s.Endpoints)
            .OfType<RouteEndpoint>()
            .Where(e => e.Metadata.GetMetadata<IExcludeFromDescriptionMetadata>() is null)
            .SelectMany(e =>
                (e.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? []).Select(m =>
                    (m, "/" + e.RoutePattern.RawText!.TrimStart('/'))
                )
            );

    /// <summary>One more host, with settings of its own.</summary>
    public async Task<OtherHost> StartAsync(ApiOptions options) =>
        new((await StartAsync(new Workspaces(await azurite.OpenStoreAsync("default"), TimeProvider.System, options))).App);

    private static async Task<(WebApplication App, Workspaces Workspaces)> StartAsync(Workspaces workspaces)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Logging.ClearProviders();
        var app = builder.Build();
        // Whatever a test is answered is what the OpenAPI document says.
        var check = new AnswerCheck(() => new Uri(app.Urls.First()));
        app.Use(check.RunAsync);
        app.MapServerless(workspaces);
        await app.StartAsync();
        return (app, workspaces);
    }
}

/// <summary>A host with settings of its own.</summary>
public sealed class OtherHost(WebApplication app) : IAsyncDisposable
{
    public ApiClient Client(string workspace) => new(new Uri($"{app.Urls.First()}/w/{workspace}/"));

    public ValueTask DisposeAsync() => app.DisposeAsync();
}
