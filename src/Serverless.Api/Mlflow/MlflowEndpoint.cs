using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Serverless.Api.Mlflow;

/// <summary>An endpoint of MLflow's REST API: `experiments/create`, with the fields that are checked first.</summary>
internal sealed record MlflowEndpoint(string Method, string Path, IReadOnlyList<MlflowField> Schema, Func<MlflowCall, Task> Handle)
{
    /// <summary>Which prefixes it is mounted under.</summary>
    public IReadOnlyList<string> Prefixes { get; init; } = ["/api/2.0/mlflow/", "/ajax-api/2.0/mlflow/"];

    public void Map(IEndpointRouteBuilder endpoints, Workspaces workspaces)
    {
        foreach (var prefix in Prefixes)
        {
            endpoints.MapMethods(prefix + Path, [Method], http => RunAsync(http, workspaces, Workspaces.DefaultName));
            endpoints.MapMethods("/w/{workspace}" + prefix + Path, [Method], http => RunAsync(http, workspaces, (string)http.Request.RouteValues["workspace"]!));
        }
    }

    /// <summary>Runs what handles a request; what goes wrong is answered as MLflow's server does.</summary>
    public static async Task GuardAsync(HttpContext http, Func<Task> handle)
    {
        try
        {
            await handle().ConfigureAwait(false);
        }
        catch (ServerlessException e)
        {
            await MlflowCall.FailAsync(http, e).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
        }
        catch (BadHttpRequestException e)
        {
            await MlflowCall.FailAsync(http, new ServerlessException(ErrorCodes.BadRequest, e.Message, status: e.StatusCode)).ConfigureAwait(false);
        }
    }

    private Task RunAsync(HttpContext http, Workspaces workspaces, string workspace) => GuardAsync(http, async () =>
    {
        var services = await workspaces.OpenAsync(workspace, MlflowCaller.Of(http), http.RequestAborted).ConfigureAwait(false);
        await Handle(await MlflowCall.ReadAsync(http, services, Schema).ConfigureAwait(false)).ConfigureAwait(false);
    });
}
