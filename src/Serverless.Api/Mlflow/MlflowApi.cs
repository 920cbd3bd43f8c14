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
            endpoints.Map(
                prefix + "/{**path}",
                http =>
                    TrySingleSlashes(http)
                        ? Task.CompletedTask
                        : RestCall.FailAsync(
                            http,
                            new ServerlessException(
                                EndpointNotFound,
                                $"No endpoint for {http.Request.Method} {http.Request.Path}.",
                                status: 404
                            )
                        )
            );
        }

        endpoints.MapFallback(
            "/{**path}",
            http =>
            {
                if (!TrySingleSlashes(http))
                {
                    http.Response.StatusCode = StatusCodes.Status404NotFound;
                }

                return Task.CompletedTask;
            }
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
