using System.Collections.Concurrent;
using Microsoft.AspNetCore.Http;
using Serverless.Core;
using Serverless.Storage;
using Serverless.Storage.Artifacts;
using Serverless.Storage.Blobs;
using Serverless.Tracking.Runs;

namespace Serverless.Api.Artifacts;

/// <summary>
/// All artifacts of a workspace by path: client uploads; below `…/{run}/artifacts` of a pipeline's run also the outputs of its tasks; below
/// `content` the content by digest, such as registered models. The latter two are read in place.
/// </summary>
internal sealed class ArtifactTree(Store store, RunStore runs)
{
    private const string RunFolder = "artifacts";
    private const int RunIdLength = 32;
    private const int MostPlainRuns = 10_000;
    private readonly ConcurrentDictionary<string, bool> plainRuns = new(StringComparer.Ordinal);

    public async Task<IReadOnlyList<ArtifactEntry>> ListAsync(string folder, CancellationToken cancellationToken)
    {
        var own = store.Artifacts.ListAsync(folder, cancellationToken);
        if (await ReadOnlyAsync(folder, cancellationToken) is not var (fixedOnes, inside))
        {
            return await own;
        }

        var entries = (await own).ToDictionary(e => e.Name, StringComparer.Ordinal);
        foreach (var entry in await fixedOnes.ListAsync(inside, cancellationToken))
        {
            entries.TryAdd(entry.Name, entry);
        }

        return [.. entries.Values.OrderBy(e => e.Name, CodePointOrder.Instance)];
    }

    /// <summary>Responds with the file at a path.</summary>
    public async Task SendAsync(HttpContext http, string path)
    {
        var own = new ArtifactFile(
            path,
            token => store.Artifacts.FindAsync(path, token),
            (part, token) => store.Artifacts.OpenAsync(path, part, token)
        );
        if (await ArtifactDownload.TrySendAsync(http, own))
        {
            return;
        }

        if (
            await ReadOnlyAsync(path, http.RequestAborted) is var (fixedOnes, inside)
            && await fixedOnes.FindAsync(inside, http.RequestAborted) is { } output
            && await ArtifactDownload.TrySendAsync(http, output)
        )
        {
            return;
        }

        throw ServerlessException.NotFound($"No such artifact: '{path}'");
    }

    /// <summary>Writes all files below a folder to a directory.</summary>
    public async Task CopyAsync(string folder, string directory, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(directory);
        foreach (var entry in await ListAsync(folder, cancellationToken))
        {
            var (from, to) = (ArtifactPath.Join(folder, entry.Name), Path.Combine(directory, Path.GetFileName(entry.Name)));
            if (entry.IsDirectory)
            {
                await CopyAsync(from, to, cancellationToken);
                continue;
            }

            await using var content =
                await OpenAsync(from, cancellationToken) ?? throw ServerlessException.NotFound($"No such artifact: '{from}'");
            await using var file = new FileStream(to, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, FileOptions.Asynchronous);
            await content.Body.CopyToAsync(file, cancellationToken);
        }
    }

    /// <summary>Rejects overwriting the output of a task, which is part of the run's record.</summary>
    public async Task CheckWritableAsync(string path, CancellationToken cancellationToken)
    {
        if (await ReadOnlyAsync(path, cancellationToken) is var (fixedOnes, inside) && fixedOnes.Covers(inside))
        {
            throw ServerlessException.Invalid($"'{inside}' is {fixedOnes.Name} and cannot be changed.", "Use another path.");
        }
    }

    /// <returns>Null if the file does not exist.</returns>
    public async Task<BlobContent?> OpenAsync(string path, CancellationToken cancellationToken) =>
        await store.Artifacts.OpenAsync(path, null, cancellationToken)
        ?? (
            await ReadOnlyAsync(path, cancellationToken) is var (fixedOnes, inside)
            && await fixedOnes.FindAsync(inside, cancellationToken) is { } output
                ? await output.OpenAsync(null, cancellationToken)
                : null
        );

    /// <summary>The read-only artifacts that a path belongs to, and the path inside them.</summary>
    private async Task<(IReadOnlyArtifacts Artifacts, string Inside)?> ReadOnlyAsync(string path, CancellationToken cancellationToken)
    {
        if (ContentTree.Below(ArtifactLocation.ContentFolder, path) is { } below)
        {
            return (new ContentTree(store.Content), below);
        }

        var names = path.Split('/');
        for (var i = 1; i < names.Length; i++)
        {
            if (names[i] == RunFolder && names[i - 1].Length == RunIdLength && names[i - 1].All(char.IsAsciiHexDigitLower))
            {
                var run = await PipelineRunAsync(names[i - 1], cancellationToken);
                return run is not null && ArtifactLocation.TryPath(run.ArtifactUri) == string.Join('/', names[..(i + 1)])
                    ? (await PipelineOutputs.LoadAsync(store.Content, runs, run, cancellationToken), string.Join('/', names[(i + 1)..]))
                    : null;
            }
        }

        return null;
    }

    /// <summary>Whether a run belongs to a pipeline never changes, so it is cached and most files need no lookup of their run.</summary>
    private async Task<Run?> PipelineRunAsync(string id, CancellationToken cancellationToken)
    {
        if (plainRuns.ContainsKey(id) || await runs.FindAsync(id, cancellationToken) is not { } run)
        {
            return null;
        }

        if (run.Pipeline is not null || run.Task is not null)
        {
            return run;
        }

        if (plainRuns.Count >= MostPlainRuns)
        {
            plainRuns.Clear();
        }

        plainRuns[id] = true;
        return null;
    }
}
