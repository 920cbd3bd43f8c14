using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Serverless.Api.Mlflow;

/// <summary>All endpoints of MLflow's REST API that are served.</summary>
internal static class MlflowApi
{
    /// <summary>A part that is not there answers with MLflow's code, so that its client says what is missing.</summary>
    public const string EndpointNotFound = "ENDPOINT_NOT_FOUND";

    public static void Map(IEndpointRouteBuilder endpoints, Workspaces workspaces)
    {
        foreach (var endpoint in (IEnumerable<MlflowEndpoint>)
            [
                .. ExperimentEndpoints.All, .. RunEndpoints.All, .. LogEndpoints.All, .. MetricEndpoints.All, .. SearchEndpoints.All,
                .. RegisteredModelEndpoints.All, .. ModelVersionEndpoints.All,
            ])
        {
            endpoint.Map(endpoints, workspaces);
        }

        foreach (var prefix in (string[])["/api", "/ajax-api", "/w/{workspace}/api", "/w/{workspace}/ajax-api"])
        {
            endpoints.Map(prefix + "/{**path}", http => MlflowCall.FailAsync(
                http, new ServerlessException(EndpointNotFound, $"There is no {http.Request.Method} {http.Request.Path}.", status: 404)));
        }
    }
}
