using Serverless.Pipelines.Execution;
using Serverless.Pipelines.Orchestration;
using Serverless.Storage.Artifacts;
using Serverless.Storage.Content;
using Serverless.Tracking.Runs;

namespace Serverless.Api.Artifacts;

/// <summary>
/// The task outputs of a pipeline run as read-only artifacts of the run, by their paths in the pipeline.
/// </summary>
internal sealed class PipelineOutputs : IReadOnlyArtifacts
{
    private readonly ContentTree tree;
    private readonly Dictionary<string, ContentRef> outputs = new(StringComparer.Ordinal);

    private PipelineOutputs(ContentTree tree) => this.tree = tree;

    public static async Task<PipelineOutputs> LoadAsync(ContentStore content, RunStore runs, Run run, CancellationToken cancellationToken)
    {
        var found = new PipelineOutputs(new ContentTree(content));
        var tasks = await TaskRecords.ListAsync(runs, run, cancellationToken);
        var written = tasks
            .Where(t => t.State == TaskState.Succeeded)
            .SelectMany(t => t.Result.Artifacts.Select(a => (Task: t.Path, Path: a.Key, Content: a.Value)))
            .GroupBy(o => o.Path, StringComparer.Ordinal);
        foreach (var group in written)
        {
            // The copies of a task (one per item) name their outputs alike: prefix them with the task's name.
            var isShared = group.DistinctBy(o => o.Content.Digest).Skip(1).Any();
            foreach (var output in group)
            {
                if (ArtifactPath.TryParse(isShared ? $"{output.Task}/{output.Path}" : output.Path) is { } path)
                {
                    found.outputs[path] = output.Content;
                }
            }
        }

        return found;
    }

    public string Name => "an output of the pipeline run";

    public bool Covers(string path) =>
        outputs.Keys.Any(o => o == path || ContentTree.Below(o, path) is not null || ContentTree.Below(path, o) is not null);

    public async Task<ArtifactFile?> FindAsync(string path, CancellationToken cancellationToken)
    {
        if (outputs.TryGetValue(path, out var own))
        {
            return own.IsDirectory ? null : tree.FileOf(own.Digest, path);
        }

        foreach (var (output, stored) in outputs)
        {
            if (ContentTree.Below(output, path) is { } inside)
            {
                return await tree.FindAsync(stored, inside, cancellationToken) is { } file ? file with { Path = path } : null;
            }
        }

        return null;
    }

    public async Task<IReadOnlyList<ArtifactEntry>> ListAsync(string folder, CancellationToken cancellationToken)
    {
        var entries = new Dictionary<string, ArtifactEntry>(StringComparer.Ordinal);
        foreach (var (output, stored) in outputs)
        {
            if (ContentTree.Below(folder, output) is { } rest)
            {
                var slash = rest.IndexOf('/', StringComparison.Ordinal);
                var name = slash < 0 ? rest : rest[..slash];
                entries[name] = new ArtifactEntry(
                    name,
                    slash >= 0 || stored.IsDirectory,
                    slash < 0 && !stored.IsDirectory ? stored.Size : null
                );
            }
            else if (folder.Length > 0 && (folder == output || ContentTree.Below(output, folder) is not null))
            {
                var inside = ContentTree.Below(output, folder) ?? "";
                foreach (var entry in await tree.ListAsync(stored, inside, cancellationToken))
                {
                    entries[entry.Name] = entry;
                }
            }
        }

        return [.. entries.Values];
    }
}
