using Serverless.Core;

namespace Serverless.Api.Hosting;

/// <summary>Restores deleted items by their listed IDs.</summary>
public sealed class TrashRestorer(WorkspaceServices workspace)
{
    /// <returns>One line per restored item.</returns>
    public async Task<IReadOnlyList<string>> RestoreAsync(string id, bool withArtifacts, CancellationToken cancellationToken = default)
    {
        var trash = await workspace.Store.Artifacts.Trash.ListAsync(cancellationToken);
        if (trash.FirstOrDefault(t => t.Id == id) is { } entry)
        {
            return
            [
                $"Restored {await workspace.Store.Artifacts.Trash.RestoreAsync(entry, cancellationToken)} of {entry.Files} files of "
                    + $"{entry.Path}.",
            ];
        }

        var runs = workspace.Runs;
        var experiments = await runs.Experiments.ListAsync(cancellationToken);
        if (experiments.FirstOrDefault(e => e.Id == id && e.IsDeleted) is { } experiment)
        {
            await runs.SetExperimentDeletedAsync(experiment.Id, false, cancellationToken);
            return [$"Restored experiment {experiment.Name} with its runs."];
        }

        var run = await runs.GetAsync(id, cancellationToken);
        var lines = new List<string>();
        if (run.IsDeleted)
        {
            await runs.SetDeletedAsync(run, false, cancellationToken);
            lines.Add($"Restored run {run.Name} ({run.Id[..8]}).");
        }

        if (withArtifacts && Artifacts.ArtifactLocation.TryPath(run.ArtifactUri) is { } root)
        {
            foreach (var deleted in trash.Where(t => t.Path == root || t.Path.StartsWith(root + "/", StringComparison.Ordinal)))
            {
                lines.Add(
                    $"Restored {await workspace.Store.Artifacts.Trash.RestoreAsync(deleted, cancellationToken)} of {deleted.Files} "
                        + $"files of {deleted.Path}."
                );
            }
        }

        return lines.Count > 0
            ? lines
            : throw ServerlessException.Invalid(
                $"Run {run.Id[..8]} is not deleted.",
                "List deleted items with `mlops runs gc`. To restore artifacts deleted from a run, use --artifacts."
            );
    }
}
