using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.AspNetCore.Routing.Template;
using Microsoft.Extensions.DependencyInjection;

namespace Serverless.Api.Http;

/// <summary>The methods that other endpoints take at the path of a request, for whoever asked with a wrong one.</summary>
internal static class AllowedMethods
{
    public static IReadOnlyList<string> Of(HttpContext http)
    {
        var found = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var endpoint in http.RequestServices.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>())
        {
            if (
                endpoint.Metadata.GetMetadata<HttpMethodMetadata>() is { } methods
                && !TakesEverything(endpoint.RoutePattern)
                && Matches(endpoint.RoutePattern, http.Request.Path)
            )
            {
                found.UnionWith(methods.HttpMethods);
            }
        }

        return [.. found];
    }

    /// <summary>The route of a host that takes every path, as in the cloud, says nothing about this one.</summary>
    private static bool TakesEverything(RoutePattern pattern) => pattern is { PathSegments.Count: 1, Parameters: [{ IsCatchAll: true }] };

    private static bool Matches(RoutePattern pattern, PathString path) =>
        new TemplateMatcher(new RouteTemplate(pattern), new RouteValueDictionary()).TryMatch(path, new RouteValueDictionary());
}
