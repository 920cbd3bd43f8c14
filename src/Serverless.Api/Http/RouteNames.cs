using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;

namespace Serverless.Api.Http;

/// <summary>
/// Names in routes. The server decodes everything in a path but %2F, which it leaves so that it cannot pass for a separator. A model may be
/// called `team/churn`, so the name of a route is decoded to its end.
/// </summary>
internal static class RouteNames
{
    private const string Slash = "%2F";
    private static readonly string[] Keys = ["name", "model"];

    public static IEndpointRouteBuilder Decoded(IEndpointRouteBuilder endpoints)
    {
        var group = endpoints.MapGroup("");
        ((IEndpointConventionBuilder)group).Add(builder =>
        {
            if (builder.RequestDelegate is { } handle)
            {
                builder.RequestDelegate = http =>
                {
                    Decode(http);
                    return handle(http);
                };
            }
        });
        return group;
    }

    private static void Decode(HttpContext http)
    {
        foreach (var key in Keys)
        {
            if (
                http.Request.RouteValues[key] is string name
                && name.Contains(Slash, StringComparison.OrdinalIgnoreCase)
                && !IsLiteral(http)
            )
            {
                http.Request.RouteValues[key] = name.Replace(Slash, "/", StringComparison.OrdinalIgnoreCase);
            }
        }
    }

    /// <summary>%252F is a name that holds the three characters themselves.</summary>
    private static bool IsLiteral(HttpContext http) =>
        http.Features.Get<IHttpRequestFeature>()?.RawTarget.Contains("%252F", StringComparison.OrdinalIgnoreCase) == true;
}
