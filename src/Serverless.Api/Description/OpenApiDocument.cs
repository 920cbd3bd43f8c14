using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Serverless.Api.Http;

namespace Serverless.Api.Description;

/// <summary>
/// The OpenAPI document, made of the routes that are mapped and of what is said about them. The routes of a workspace are the same below
/// `/w/{workspace}`: they are a second server, and stand in the document once.
/// </summary>
internal static partial class OpenApiDocument
{
    private const string WorkspacePrefix = "/w/{workspace}";
    private const string PagePrefix = "/ajax-api/";
    private const string MlflowPrefix = "/api/";

    /// <param name="root">What precedes the paths: empty, or where the host is mounted.</param>
    public static JsonObject Of(IEnumerable<Endpoint> endpoints, string root)
    {
        var schemas = new SchemaBook { Schemas = { ["Error"] = ErrorSchema() } };
        var routes = endpoints.OfType<RouteEndpoint>().Where(IsShown).SelectMany(RoutesOf).ToList();
        var known = routes.Select(r => $"{r.Method} {r.Pattern}").ToHashSet(StringComparer.Ordinal);
        var paths = new SortedDictionary<string, JsonObject>(StringComparer.Ordinal);
        foreach (var (endpoint, method, pattern) in routes)
        {
            var isTwin =
                pattern.StartsWith(WorkspacePrefix + "/", StringComparison.Ordinal)
                || pattern.StartsWith(PagePrefix, StringComparison.Ordinal)
                    && known.Contains($"{method} {MlflowPrefix}{pattern[PagePrefix.Length..]}");
            if (!isTwin && OperationOf(endpoint, method, pattern, schemas) is { } operation)
            {
                var path = PathOf(pattern);
                (paths.TryGetValue(path, out var item) ? item : paths[path] = [])[method.ToLowerInvariant()] = operation;
            }
        }

        return new JsonObject
        {
            ["openapi"] = "3.1.1",
            ["info"] = new JsonObject
            {
                ["title"] = "Serverless ML",
                ["version"] = ServerlessApi.Version,
                ["description"] =
                    "The native API of Serverless ML, and MLflow's REST API. Every path works for the workspace `default`; for "
                    + "another one, "
                    + "put `/w/{workspace}` before it. Errors are `{\"error_code\", \"message\"}` with a matching status.",
            },
            ["servers"] = Servers(root),
            ["tags"] = new JsonArray([.. Tags.All.Select(t => new JsonObject { ["name"] = t.Name, ["description"] = t.Description })]),
            ["paths"] = new JsonObject(paths.Select(p => KeyValuePair.Create(p.Key, (JsonNode?)p.Value))),
            ["components"] = new JsonObject
            {
                ["schemas"] = schemas.Schemas,
                ["responses"] = new JsonObject
                {
                    ["Error"] = new JsonObject
                    {
                        ["description"] = "What is wrong, where, and what to do.",
                        ["content"] = RouteOperations.ErrorContent(),
                    },
                },
            },
        };
    }

    /// <summary>Routes of any method are what remains when nothing fits: they answer 404.</summary>
    private static bool IsShown(RouteEndpoint endpoint) =>
        endpoint.Metadata.GetMetadata<IExcludeFromDescriptionMetadata>() is not { ExcludeFromDescription: true }
        && endpoint.Metadata.GetMetadata<IHttpMethodMetadata>() is { HttpMethods.Count: > 0 };

    private static IEnumerable<(RouteEndpoint Endpoint, string Method, string Pattern)> RoutesOf(RouteEndpoint endpoint) =>
        endpoint
            .Metadata.GetMetadata<IHttpMethodMetadata>()!
            .HttpMethods.Select(method => (endpoint, method, "/" + endpoint.RoutePattern.RawText!.TrimStart('/')));

    private static JsonObject? OperationOf(RouteEndpoint endpoint, string method, string pattern, SchemaBook schemas) =>
        RouteDocs.All.TryGetValue($"{method} {pattern}", out var doc) ? RouteOperations.Of(doc, schemas)
        : HttpMethods.IsHead(method) && RouteDocs.All.TryGetValue($"GET {pattern}", out var get)
            ? RouteOperations.HeadOf(RouteOperations.Of(get, schemas))
        : endpoint.Metadata.GetMetadata<RestEndpoint>() is { } rest ? RestOperations.Of(rest, method, PathOf(pattern))
        : null;

    /// <summary>OpenAPI has neither catch-alls nor constraints: `{**path}` is `{path}` there, and `{part:int}` is `{part}`.</summary>
    private static string PathOf(string pattern) => Placeholder().Replace(pattern, "{$1}");

    private static JsonArray Servers(string root) =>
        [
            new JsonObject { ["url"] = root.Length == 0 ? "/" : root, ["description"] = "The workspace `default`." },
            new JsonObject
            {
                ["url"] = root + WorkspacePrefix,
                ["description"] = "Any workspace.",
                ["variables"] = new JsonObject
                {
                    ["workspace"] = new JsonObject { ["default"] = "default", ["description"] = "The workspace's name." },
                },
            },
        ];

    private static JsonObject ErrorSchema() =>
        new()
        {
            ["type"] = "object",
            ["properties"] = new JsonObject
            {
                ["error_code"] = new JsonObject { ["type"] = "string", ["description"] = "For programs: `RESOURCE_DOES_NOT_EXIST`." },
                ["message"] = new JsonObject { ["type"] = "string", ["description"] = "For people: what is wrong, and what to do." },
            },
            ["required"] = new JsonArray("error_code", "message"),
        };

    [GeneratedRegex(@"\{\**([^}:]+)[^}]*\}", RegexOptions.CultureInvariant)]
    private static partial Regex Placeholder();
}
