using Serverless.Storage;
using Serverless.Tracking;

namespace Serverless.Api.Mlflow;

/// <summary>
/// All artifacts of a workspace by path: what clients uploaded, and below `…/{run}/artifacts` of a pipeline's run also what its tasks
/// wrote, which is read where it lies.
/// </summary>
internal sealed class ArtifactTree(WorkspaceServices workspace)
{
    private const string RunFolder = "artifacts";
    private const int RunIdLength = 32;
    private readonly ArtifactStore store = workspace.Store.Artifacts;

    public async Task<IReadOnlyList<ArtifactEntry>> ListAsync(string folder, CancellationToken cancellationToken)
    {
        var own = store.ListAsync(folder, cancellationToken);
        if (await OutputsAsync(folder, cancellationToken).ConfigureAwait(false) is not var (outputs, inside))
        {
            return await own.ConfigureAwait(false);
        }

        var entries = (await own.ConfigureAwait(false)).ToDictionary(e => e.Name, StringComparer.Ordinal);
        foreach (var entry in await outputs.ListAsync(inside, cancellationToken).ConfigureAwait(false))
        {
            entries.TryAdd(entry.Name, entry);
        }

        return [.. entries.Values.OrderBy(e => e.Name, CodePointOrder.Instance)];
    }

    /// <summary>Answers with the file at a path.</summary>
    public async Task SendAsync(Microsoft.AspNetCore.Http.HttpContext http, string path)
    {
        var own = new ArtifactFile(path, token => store.FindAsync(path, token), (part, token) => store.OpenAsync(path, part, token));
        if (await ArtifactDownload.TrySendAsync(http, own).ConfigureAwait(false))
        {
            return;
        }

        if (await OutputsAsync(path, http.RequestAborted).ConfigureAwait(false) is var (outputs, inside)
            && await outputs.FindAsync(inside, http.RequestAborted).ConfigureAwait(false) is { } output
            && await ArtifactDownload.TrySendAsync(http, output).ConfigureAwait(false))
        {
            return;
        }

        throw ServerlessException.NotFound($"No such artifact: '{path}'");
    }

    /// <summary>Refuses to write over what a task wrote: it is a part of what the run did.</summary>
    public async Task CheckWritableAsync(string path, CancellationToken cancellationToken)
    {
        if (await OutputsAsync(path, cancellationToken).ConfigureAwait(false) is var (outputs, inside) && outputs.Covers(inside))
        {
            throw ServerlessException.Invalid($"'{inside}' is an output of the pipeline's run; it cannot be changed.", "Use another path.");
        }
    }

    /// <summary>The outputs of the pipeline run that a path belongs to, and the path inside of that run.</summary>
    private async Task<(PipelineOutputs Outputs, string Inside)?> OutputsAsync(string path, CancellationToken cancellationToken)
    {
        var names = path.Split('/');
        for (var i = 1; i < names.Length; i++)
        {
            if (names[i] == RunFolder && names[i - 1].Length == RunIdLength && names[i - 1].All(char.IsAsciiHexDigitLower))
            {
                var run = await PipelineRunAsync(names[i - 1], cancellationToken).ConfigureAwait(false);
                return run is not null && ArtifactLocation.TryPath(run.ArtifactUri) == string.Join('/', names[..(i + 1)])
                    ? (await PipelineOutputs.LoadAsync(workspace, run, cancellationToken).ConfigureAwait(false), string.Join('/', names[(i + 1)..]))
                    : null;
            }
        }

        return null;
    }

    private async Task<Run?> PipelineRunAsync(string id, CancellationToken cancellationToken) =>
        await workspace.Runs.FindAsync(id, cancellationToken).ConfigureAwait(false) is { Pipeline: not null } run ? run : null;
}
