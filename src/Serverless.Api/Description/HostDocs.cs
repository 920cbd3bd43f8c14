namespace Serverless.Api.Description;

/// <summary>What belongs to no room.</summary>
internal static class HostDocs
{
    public static IReadOnlyList<RouteDoc> All { get; } =
    [
        new("getHealth", "GET /health", Tags.Host, "Check that the host answers")
        {
            Answer = BodyDoc.Of("text/plain", "OK", "The host answers."),
        },
        new("getVersion", "GET /version", Tags.Host, "Get the platform's version")
        {
            Answer = BodyDoc.Of("text/plain", "0.1.0", "The version."),
        },
    ];
}
