using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;
using Serverless.Functions.Durable;

namespace Serverless.Functions.Http;

/// <summary>The HTTP API: `/health` for anyone, the rest with a function key, and below `/entra` with Entra ID.</summary>
public sealed class HttpFunctions(HttpSurface surface, DurableClientHolder clients)
{
    private const string Entra = "/entra";

    [Function("health")]
    public Task<IResult> HealthAsync([HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "health")] HttpRequest request) =>
        RunAsync(request);

    [Function("web")]
    public Task<IResult> ApiAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", "post", "put", "patch", "delete", "head", "options", Route = "{*path}")]
            HttpRequest request,
        [DurableClient] DurableTaskClient client
    )
    {
        clients.Use(client);
        return RunAsync(request);
    }

    /// <summary>The same API for clients that can send a bearer token, but not a function key.</summary>
    [Function("entra")]
    public Task<IResult> EntraAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "post", "put", "patch", "delete", "head", "options", Route = "entra/{*path}")]
            HttpRequest request,
        [DurableClient] DurableTaskClient client
    )
    {
        if (!EntraCaller.IsSignedIn(request))
        {
            return Task.FromResult(EntraCaller.Refusal);
        }

        clients.Use(client);
        if (request.Path.StartsWithSegments(Entra, out var rest))
        {
            (request.PathBase, request.Path) = (request.PathBase.Add(Entra), rest);
        }

        return RunAsync(request);
    }

    private async Task<IResult> RunAsync(HttpRequest request)
    {
        await surface.RunAsync(request.HttpContext);
        // The response has been written: the worker must not add anything.
        return Results.Empty;
    }
}
