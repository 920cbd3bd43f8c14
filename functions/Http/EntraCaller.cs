using Microsoft.AspNetCore.Http;
using Serverless.Core;

namespace Serverless.Functions.Http;

/// <summary>
/// The caller according to the platform's authentication, which validates the token and removes these headers from all other requests.
/// </summary>
internal static class EntraCaller
{
    private const string Enabled = "WEBSITE_AUTH_ENABLED";
    private const string Principal = "X-MS-CLIENT-PRINCIPAL-ID";

    public static IResult Refusal { get; } =
        Results.Json(
            new
            {
                error_code = ErrorCodes.PermissionDenied,
                message = "Sign in: send a bearer token for this app's Entra ID registration.",
            },
            statusCode: StatusCodes.Status401Unauthorized
        );

    /// <summary>If authentication is off, anyone could send the header, so no one counts as signed in.</summary>
    public static bool IsSignedIn(HttpRequest request) =>
        bool.TryParse(Environment.GetEnvironmentVariable(Enabled), out var isEnabled)
        && isEnabled
        && request.Headers[Principal] is [{ Length: > 0 }];
}
