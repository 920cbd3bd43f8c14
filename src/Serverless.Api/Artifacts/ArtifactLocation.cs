using Serverless.Core;
using Serverless.Tracking.Runs;

namespace Serverless.Api.Artifacts;

/// <summary>The locations of artifacts in URIs.</summary>
internal static class ArtifactLocation
{
    /// <summary>The prefix of an artifact path in a URL of this server.</summary>
    private const string Anchor = "/api/2.0/mlflow-artifacts/artifacts";

    private const string Scheme = "mlflow-artifacts:";
    private const string Content = "content:/";

    /// <summary>The artifact path of content by digest: `content/{digest}/…`.</summary>
    public const string ContentFolder = "content";

    /// <summary>The path of a location in this server's store. Null for any other location.</summary>
    public static string? TryPath(string? uri)
    {
        if (uri is null)
        {
            return null;
        }

        var bare = Served(uri).Split('?', 2)[0];
        if (bare.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            var rest = bare[Scheme.Length..];
            if (rest.StartsWith("//", StringComparison.Ordinal))
            {
                // A host: another name of this server.
                var path = rest.IndexOf('/', 2);
                rest = path < 0 ? "" : rest[path..];
            }

            return ArtifactPath.Parse(rest.TrimStart('/'));
        }

        var anchor =
            bare.StartsWith("http:", StringComparison.OrdinalIgnoreCase) || bare.StartsWith("https:", StringComparison.OrdinalIgnoreCase)
                ? bare.IndexOf(Anchor, StringComparison.Ordinal)
                : -1;
        return anchor < 0 ? null : ArtifactPath.Parse(bare[(anchor + Anchor.Length)..].TrimStart('/'));
    }

    /// <summary>The location as a URI that MLflow's clients can read from.</summary>
    public static string Served(string uri) =>
        uri.StartsWith(Content, StringComparison.Ordinal) ? $"{Scheme}/{ContentFolder}/{uri[Content.Length..]}" : uri;

    public static string PathOf(Run run) => TryPath(run.ArtifactUri) ?? throw Elsewhere(run.ArtifactUri);

    public static ServerlessException Elsewhere(string? uri) =>
        ServerlessException.Invalid(
            $"The artifacts at '{uri}' are not stored on this server.",
            "Read them with a client that has access to that location."
        );
}
