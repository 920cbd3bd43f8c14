using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Serverless.Api.Hosting;
using Serverless.Api.Http;
using Serverless.Api.Mlflow.Artifacts;
using Serverless.Core;

namespace Serverless.Api.Mlflow;

/// <summary>All supported endpoints of MLflow's REST API.</summary>
internal static partial class MlflowApi
{
    /// <summary>MLflow's error code for an unsupported endpoint, so that its client reports what is missing.</summary>
    public const string EndpointNotFound = "ENDPOINT_NOT_FOUND";

    public static void Map(IEndpointRouteBuilder endpoints, Workspaces workspaces)
    {
        foreach (
            var endpoint in (IEnumerable<RestEndpoint>)
                [
                    .. ExperimentEndpoints.All,
                    .. RunEndpoints.All,
                    .. LogEndpoints.All,
                    .. MetricEndpoints.All,
                    .. SearchEndpoints.All,
                    .. RegisteredModelEndpoints.All,
                    .. ModelVersionEndpoints.All,
                    LoggedModelSearch.Endpoint,
                    .. LoggedModelEndpoints.All,
                    .. ArtifactEndpoints.All,
                    .. MultipartEndpoints.All,
                    .. TraceEndpoints.All,
                ]
        )
        {
            endpoint.Map(endpoints, workspaces);
        }

        foreach (var route in ArtifactTransfers.All)
        {
            route.Map(endpoints, workspaces);
        }

        foreach (var prefix in (string[])["/api", "/ajax-api", "/w/{workspace}/api", "/w/{workspace}/ajax-api"])
        {
            endpoints.Map(prefix + "/{**path}", RefuseAsync);
        }

        endpoints.MapFallback("/{**path}", RefuseAsync);
    }

    /// <summary>What no endpoint takes: a path of another form, another method, or nothing that is here.</summary>
    private static Task RefuseAsync(HttpContext http)
    {
        if (TrySingleSlashes(http))
        {
            return Task.CompletedTask;
        }

        var methods = AllowedMethods.Of(http);
        if (methods.Count > 0)
        {
            http.Response.Headers.Allow = string.Join(", ", methods);
        }

        var asked = $"{http.Request.Method} {http.Request.Path}";
        return RestCall.FailAsync(
            http,
            methods.Count > 0
                ? new ServerlessException(
                    ErrorCodes.BadRequest,
                    $"There is no {asked}: this path takes {string.Join(", ", methods)}.",
                    status: StatusCodes.Status405MethodNotAllowed
                )
                : new ServerlessException(EndpointNotFound, $"There is no {asked}.", status: StatusCodes.Status404NotFound)
        );
    }

    /// <summary>MLflow's clients sometimes send URLs with a doubled slash, which its server accepts.</summary>
    private static bool TrySingleSlashes(HttpContext http)
    {
        var path = http.Request.Path.Value ?? "";
        if (!path.Contains("//", StringComparison.Ordinal))
        {
            return false;
        }

        http.Response.StatusCode = StatusCodes.Status308PermanentRedirect;
        http.Response.Headers.Location =
            http.Request.PathBase.Add(new PathString(Slashes().Replace(path, "/"))).ToUriComponent() + http.Request.QueryString;
        return true;
    }

    [GeneratedRegex("/{2,}", RegexOptions.CultureInvariant)]
    private static partial Regex Slashes();
}
