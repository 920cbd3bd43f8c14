using Microsoft.AspNetCore.Http;

namespace Serverless.Api.Mlflow.Artifacts;

/// <summary>
/// What MLflow's Python client does to names with `#` and `?`. It refuses a whole listing with a `#` in it, and it sends a `?` as it
/// is, so that the rest of the name arrives as a query. (`log_image` makes such names: step 23 is `%23`.)
/// </summary>
internal static class ArtifactClient
{
    private const char Number = '#';
    private const char FullWidthNumber = '\uff03';

    private static bool IsPython(HttpContext http) =>
        http.Request.Headers.UserAgent.ToString().StartsWith("mlflow-python-client/", StringComparison.Ordinal);

    /// <summary>A name as this client can take it.</summary>
    public static string Shown(HttpContext http, string name) =>
        name.Contains(Number, StringComparison.Ordinal) && IsPython(http) ? name.Replace(Number, FullWidthNumber) : name;

    /// <summary>The path behind a name that this client was shown; null if it was shown as it is.</summary>
    public static string? Hidden(HttpContext http, string path) =>
        path.Contains(FullWidthNumber, StringComparison.Ordinal) && IsPython(http) ? path.Replace(FullWidthNumber, Number) : null;

    /// <summary>The path that a route caught, with what the client sent of it as a query.</summary>
    public static string PathOf(HttpContext http)
    {
        var path = (string?)http.Request.RouteValues["path"] ?? "";
        return http.Request.QueryString.HasValue && IsPython(http) ? path + http.Request.QueryString.Value : path;
    }
}
