using System.Net;
using System.Text.RegularExpressions;
using Serverless.Api.Artifacts;
using Serverless.Api.Http;
using Serverless.Core;

namespace Serverless.Api.Mlflow;

/// <summary>
/// Checks the source of a version as MLflow's server does: a client must not make the server, or the user who loads the model, read outside
/// the artifacts.
/// </summary>
internal static partial class ModelSource
{
    public static async Task CheckAsync(RestCall call, string source, string? runId)
    {
        if (!IsLocal(source))
        {
            CheckPath(source);
            return;
        }

        var path = PathOf(source);
        if (!string.IsNullOrEmpty(runId))
        {
            var run =
                await call.Workspace.Runs.FindAsync(runId, call.Aborted)
                ?? throw ServerlessException.NotFound($"Run with id={runId} not found");
            if (run.ArtifactUri is { } artifacts && IsLocal(artifacts) && IsWithin(PathOf(artifacts), path))
            {
                return;
            }
        }

        throw ServerlessException.Invalid(
            $"Invalid model version source: '{source}'. To use a local path as a model version source, the run_id request parameter "
                + $"has to be specified and the local "
                + "path has to be contained within the artifact directory of the run specified by the run_id."
        );
    }

    private static bool IsLocal(string uri)
    {
        var parts = Split(uri);
        var isRemote =
            parts.Host.Length > 0
            && parts.Host != "."
            && !parts.Host.StartsWith("localhost", StringComparison.Ordinal)
            && !parts.Host.StartsWith("127.0.0.1", StringComparison.Ordinal);
        return parts.Scheme == "file" && isRemote
            ? throw ServerlessException.Invalid(
                $"{uri} is not a valid remote uri. For remote access on windows, please consider using a different scheme such as SMB "
                    + $"(e.g. smb://<hostname>/<path>)."
            )
            : parts.Scheme is "" or "file";
    }

    /// <summary>Rejects `..` in any encoding, null characters, and paths that resolve to another path.</summary>
    private static void CheckPath(string source)
    {
        var plain = source;
        for (string before = ""; before != plain; )
        {
            before = plain;
            plain = WebUtility.UrlDecode(plain);
        }

        var path = Slashes().Replace(Split(plain).Path.TrimEnd('/'), "/");
        if (
            path.Contains('\0', StringComparison.Ordinal)
            || plain.Split('/').Contains("..")
            || !path.StartsWith('/')
            || PosixPath.Normalize(path) != path
        )
        {
            throw ServerlessException.Invalid(
                $"Invalid model version source: '{source}'. If supplying a source as an http, https, local file path, ftp, "
                    + $"objectstore, or mlflow-artifacts uri, an absolute "
                    + "path must be provided without relative path references present. Please provide an absolute path."
            );
        }
    }

    /// <summary>Does not follow symbolic links or access the file system.</summary>
    private static bool IsWithin(string folder, string path)
    {
        var (outer, inner) = (PosixPath.Normalize(folder), PosixPath.Normalize(path));
        return outer.StartsWith('/')
            && !inner.Contains('\0', StringComparison.Ordinal)
            && (inner == outer || inner.StartsWith(outer.TrimEnd('/') + "/", StringComparison.Ordinal));
    }

    private static string PathOf(string uri) => Split(uri) is { Scheme: "file" } parts ? Uri.UnescapeDataString(parts.Path) : uri;

    /// <summary>The part of Python's urlparse needed here. .NET's Uri would repair URIs that must be rejected.</summary>
    private static (string Scheme, string Host, string Path) Split(string uri)
    {
        var match = Parts().Match(uri);
        var host = match.Groups["host"].Value;
        host = host[(host.LastIndexOf('@') + 1)..];
        var colon = host.LastIndexOf(':');
        return (
            match.Groups["scheme"].Value.ToLowerInvariant(),
            (colon < 0 ? host : host[..colon]).ToLowerInvariant(),
            match.Groups["path"].Value
        );
    }

    [GeneratedRegex(@"^(?:(?<scheme>[A-Za-z][A-Za-z0-9+.\-]*):)?(?://(?<host>[^/?#]*))?(?<path>[^?#]*)", RegexOptions.Singleline)]
    private static partial Regex Parts();

    [GeneratedRegex("/+")]
    private static partial Regex Slashes();
}
