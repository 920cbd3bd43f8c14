using Microsoft.AspNetCore.Http;
using Serverless.Core;

namespace Serverless.Functions.Http;

/// <summary>
/// Who called, as the platform's authentication tells: it checks the token, and takes these headers away from everybody else.
/// </summary>
internal static class EntraCaller
{
    private const string Enabled = "WEBSITE_AUTH_ENABLED";
    private const string Principal = "X-MS-CLIENT-PRINCIPAL-ID";

    public static IResult Refusal { get; } =
        Results.Json(
            new { error_code = ErrorCodes.PermissionDenied, message = "Sign in: send a bearer token of this app's Entra ID registration." },
            statusCode: StatusCodes.Status401Unauthorized
        );

    /// <summary>Where that authentication is off, anybody could send the header: then nobody is signed in.</summary>
    public static bool IsSignedIn(HttpRequest request) =>
        bool.TryParse(Environment.GetEnvironmentVariable(Enabled), out var isEnabled)
        && isEnabled
        && request.Headers[Principal] is [{ Length: > 0 }];
}
