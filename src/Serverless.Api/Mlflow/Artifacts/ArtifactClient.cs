using Microsoft.AspNetCore.Http;

namespace Serverless.Api.Mlflow.Artifacts;

/// <summary>
/// Adapts names with `#` and `?` to MLflow's Python client, which rejects a whole listing that contains a `#`, and sends a `?` unescaped,
/// so that the rest of the name arrives as a query. (`log_image` creates such names: step 23 is `%23`.)
/// </summary>
internal static class ArtifactClient
{
    private const char Number = '#';
    private const char FullWidthNumber = '\uff03';

    private static bool IsPython(HttpContext http) =>
        http.Request.Headers.UserAgent.ToString().StartsWith("mlflow-python-client/", StringComparison.Ordinal);

    /// <summary>A name in a form that the client accepts.</summary>
    public static string Shown(HttpContext http, string name) =>
        name.Contains(Number, StringComparison.Ordinal) && IsPython(http) ? name.Replace(Number, FullWidthNumber) : name;

    /// <summary>The path of a name that was changed for the client. Null if it was not changed.</summary>
    public static string? Hidden(HttpContext http, string path) =>
        path.Contains(FullWidthNumber, StringComparison.Ordinal) && IsPython(http) ? path.Replace(FullWidthNumber, Number) : null;

    /// <summary>The path from the route, including any part that the client sent as a query.</summary>
    public static string PathOf(HttpContext http)
    {
        var path = (string?)http.Request.RouteValues["path"] ?? "";
        return http.Request.QueryString.HasValue && IsPython(http) ? path + http.Request.QueryString.Value : path;
    }
}
