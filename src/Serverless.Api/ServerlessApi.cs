using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Serverless.Api.Hosting;
using Serverless.Api.Http;
using Serverless.Api.Mlflow;
using Serverless.Api.Native.Data;
using Serverless.Api.Native.Hooks;
using Serverless.Api.Native.Policies;
using Serverless.Api.Native.Rollouts;
using Serverless.Api.Native.Serving;

namespace Serverless.Api;

/// <summary>The HTTP surface, mounted by every host alike.</summary>
public static class ServerlessApi
{
    /// <summary>The platform's version, as `/version` tells it.</summary>
    public static string Version { get; } =
        typeof(ServerlessApi).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;

    public static IEndpointRouteBuilder MapServerless(this IEndpointRouteBuilder endpoints, Workspaces workspaces)
    {
        endpoints = RouteNames.Decoded(endpoints);
        // Plain text, as MLflow's server answers: its clients ask for both.
        foreach (var prefix in (string[])["", "/w/{workspace}"])
        {
            endpoints.MapGet(prefix + "/health", () => Results.Text("OK"));
            endpoints.MapGet(prefix + "/version", () => Results.Text(Version));
        }

        HookEndpoints.Map(endpoints, workspaces);
        ServingEndpoints.Map(endpoints, workspaces);
        PolicyEndpoints.Map(endpoints, workspaces);
        RolloutEndpoints.Map(endpoints, workspaces);
        DataApi.Map(endpoints, workspaces);
        MlflowApi.Map(endpoints, workspaces);
        return endpoints;
    }
}
