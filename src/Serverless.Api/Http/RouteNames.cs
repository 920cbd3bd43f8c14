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
            if (http.Request.RouteValues[key] is string name && name.Contains(Slash, StringComparison.OrdinalIgnoreCase))
            {
                http.Request.RouteValues[key] = Sent(http, name) ?? name.Replace(Slash, "/", StringComparison.OrdinalIgnoreCase);
            }
        }
    }

    /// <summary>
    /// Decodes the segment of the request line that became the name: only there `%2F` (a slash) and `%252F` (the three characters
    /// themselves) still differ. Null if the line has no such segment.
    /// </summary>
    private static string? Sent(HttpContext http, string name) =>
        http.Features.Get<IHttpRequestFeature>()?.RawTarget.Split('?')[0].Split('/').FirstOrDefault(s => ServerDecodes(s) == name)
            is { } sent
            ? Uri.UnescapeDataString(sent)
            : null;

    private static string ServerDecodes(string segment) =>
        string.Join(Slash, segment.Split([Slash, "%2f"], StringSplitOptions.None).Select(Uri.UnescapeDataString));
}
