using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;
using Serverless.Api;
using Serverless.Testing;

namespace Serverless.Functions.Tests;

/// <summary>The HTTP functions behind a server that routes as the worker does: each function has an endpoint, and the request carries it.</summary>
public sealed class HttpFunctionsTests(AzuriteFixture azurite) : IAsyncLifetime
{
    private WebApplication app = null!;
    private HttpClient client = null!;

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        app = builder.Build();
        var clients = new DurableClientHolder();
        var functions = new HttpFunctions(new HttpSurface(app.Services, new Workspaces(await azurite.OpenStoreAsync("default"), TimeProvider.System)), clients);
        var world = new DurableWorld(_ => throw new NotSupportedException());
        app.UseRouting();
#pragma warning disable ASP0014 // The worker routes so.
        app.UseEndpoints(endpoints =>
        {
            endpoints.Map("/health", async http => await (await functions.HealthAsync(http.Request)).ExecuteAsync(http));
            endpoints.Map("/entra/{*path}", async http => await (await functions.EntraAsync(http.Request, world)).ExecuteAsync(http));
            endpoints.Map("/{*path}", async http => await (await functions.ApiAsync(http.Request, world)).ExecuteAsync(http));
        });
#pragma warning restore ASP0014
        await app.StartAsync();
        client = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
    }

    public async ValueTask DisposeAsync()
    {
        client.Dispose();
        await app.DisposeAsync();
    }

    [Fact]
    public async Task The_surface_of_the_local_host_answers_where_clients_look()
    {
        Assert.Equal("OK", await client.GetStringAsync("/health"));
        Assert.Equal(ServerlessApi.Version, await client.GetStringAsync("/version"));
        var name = "e" + Ids.NewId();
        using var made = await client.PostAsJsonAsync("/api/2.0/mlflow/experiments/create", new { name });
        Assert.Equal(HttpStatusCode.OK, made.StatusCode);
        var found = JsonNode.Parse(await client.GetStringAsync("/api/2.0/mlflow/experiments/get-by-name?experiment_name=" + name));
        Assert.Equal(name, (string)found!["experiment"]!["name"]!);
    }

    [Fact]
    public async Task What_is_not_there_is_told_as_the_local_host_tells_it()
    {
        using var answer = await client.GetAsync("/api/2.0/mlflow/nothing");
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Equal("ENDPOINT_NOT_FOUND", (string)JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["error_code"]!);
    }

    [Fact]
    public async Task Without_the_platforms_sign_in_nobody_is_signed_in()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/entra/version");
        request.Headers.Add("X-MS-CLIENT-PRINCIPAL-ID", "somebody");
        using var refused = await client.SendAsync(request);
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
    }
}
