using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Serverless.Api;

/// <summary>The HTTP surface, mounted by every host alike.</summary>
public static class ServerlessApi
{
    /// <summary>The platform's version, as `/version` tells it.</summary>
    public static string Version { get; } =
        typeof(ServerlessApi).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;

    public static IEndpointRouteBuilder MapServerless(this IEndpointRouteBuilder endpoints)
    {
        // Plain text, as MLflow's server answers: its clients ask for both.
        endpoints.MapGet("/health", () => Results.Text("OK"));
        endpoints.MapGet("/version", () => Results.Text(Version));
        return endpoints;
    }
}
