using Microsoft.AspNetCore.Http;
using Serverless.Api.Hosting;
using Serverless.Core;
using Serverless.Storage.Blobs;

namespace Serverless.Api.Artifacts;

/// <summary>The files of a registered version, at the location of its source.</summary>
internal sealed class ModelFiles(WorkspaceServices workspace)
{
    private const string Run = "runs:/";

    public async Task SendAsync(HttpContext http, string source, string path) =>
        await workspace.Artifacts.SendAsync(http, ArtifactPath.Join(await RootAsync(source, http.RequestAborted), path));

    /// <summary>Writes the folder of a version to a directory.</summary>
    public async Task CopyAsync(string source, string directory, CancellationToken cancellationToken) =>
        await workspace.Artifacts.CopyAsync(await RootAsync(source, cancellationToken), directory, cancellationToken);

    /// <returns>Null if the file does not exist.</returns>
    public async Task<BlobContent?> OpenAsync(string source, string path, CancellationToken cancellationToken) =>
        await workspace.Artifacts.OpenAsync(ArtifactPath.Join(await RootAsync(source, cancellationToken), path), cancellationToken);

    private async Task<string> RootAsync(string source, CancellationToken cancellationToken) =>
        ArtifactLocation.TryPath(source) ?? await RunPathAsync(source, cancellationToken) ?? throw ArtifactLocation.Elsewhere(source);

    /// <summary>`runs:/{run}/{path}`: below the run's artifacts.</summary>
    private async Task<string?> RunPathAsync(string source, CancellationToken cancellationToken)
    {
        if (!source.StartsWith(Run, StringComparison.Ordinal))
        {
            return null;
        }

        var parts = source[Run.Length..].Split('/', 2);
        return await workspace.Runs.FindAsync(parts[0], cancellationToken) is { } run
            ? ArtifactPath.Join(ArtifactLocation.PathOf(run), ArtifactPath.Parse(parts.Length > 1 ? parts[1] : ""))
            : throw ServerlessException.NotFound($"Run with id={parts[0]} not found");
    }
}
