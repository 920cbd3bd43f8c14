using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Serverless.Api.Hosting;
using Serverless.Core;

namespace Serverless.Api.Http;

/// <summary>An endpoint of MLflow's REST API, such as `experiments/create`, with the fields that are validated first.</summary>
internal sealed record RestEndpoint(string Method, string Path, IReadOnlyList<RestField> Schema, Func<RestCall, Task> Handle)
{
    /// <summary>The URL prefixes of the endpoint.</summary>
    public IReadOnlyList<string> Prefixes { get; init; } = ["/api/2.0/mlflow/", "/ajax-api/2.0/mlflow/"];

    public void Map(IEndpointRouteBuilder endpoints, Workspaces workspaces)
    {
        // The document of the API reads the fields from here.
        endpoints = endpoints.MapGroup("").WithMetadata(this);
        foreach (var prefix in Prefixes)
        {
            endpoints.MapMethods(prefix + Path, [Method], http => RunAsync(http, workspaces, Workspaces.DefaultName));
            endpoints.MapMethods(
                "/w/{workspace}" + prefix + Path,
                [Method],
                http => RunAsync(http, workspaces, (string)http.Request.RouteValues["workspace"]!)
            );
        }
    }

    /// <summary>Handles a request. Errors are returned as MLflow's server does.</summary>
    public static async Task GuardAsync(HttpContext http, Func<Task> handle)
    {
        try
        {
            RouteValueLimits.Check(http);
            await handle();
        }
        catch (ServerlessException e)
        {
            await RestCall.FailAsync(http, e);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested) { }
        catch (BadHttpRequestException e)
        {
            await RestCall.FailAsync(http, new ServerlessException(ErrorCodes.BadRequest, e.Message, status: e.StatusCode));
        }
    }

    private Task RunAsync(HttpContext http, Workspaces workspaces, string workspace) =>
        GuardAsync(
            http,
            async () =>
            {
                var services = await workspaces.OpenAsync(workspace, Caller.Of(http), http.RequestAborted);
                await Handle(await RestCall.ReadAsync(http, services, Schema));
            }
        );
}
