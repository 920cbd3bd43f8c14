using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Serverless.Api.Description;
using Serverless.Api.Hosting;
using Serverless.Api.Http;
using Serverless.Api.Mlflow;
using Serverless.Api.Native.Administration;
using Serverless.Api.Native.Console;
using Serverless.Api.Native.Data;
using Serverless.Api.Native.Hooks;
using Serverless.Api.Native.Policies;
using Serverless.Api.Native.Registry;
using Serverless.Api.Native.Rollouts;
using Serverless.Api.Native.Serving;

namespace Serverless.Api;

/// <summary>The HTTP API, mounted by every host.</summary>
public static class ServerlessApi
{
    /// <summary>The platform's version, as returned by `/version`.</summary>
    public static string Version { get; } =
        typeof(ServerlessApi).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;

    public static IEndpointRouteBuilder MapServerless(this IEndpointRouteBuilder endpoints, Workspaces workspaces)
    {
        endpoints = RouteNames.Decoded(endpoints);
        // Plain text, as MLflow's server returns: its clients request both.
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
        foreach (var endpoint in (IEnumerable<RestEndpoint>)[.. WorkspaceEndpoints.Of(workspaces), .. RegistryEndpoints.All])
        {
            endpoint.Map(endpoints, workspaces);
        }

        ConsoleApi.Map(endpoints, workspaces);
        MlflowApi.Map(endpoints, workspaces);
        OpenApiEndpoints.Map(endpoints);
        // Pages are no part of the API.
        ConsolePages.Map(endpoints.MapGroup("").ExcludeFromDescription());
        return endpoints;
    }
}
