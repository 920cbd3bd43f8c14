using System.Globalization;
using Serverless.Storage;
using Serverless.Tracking.Experiments;
using Serverless.Tracking.Models;
using Serverless.Tracking.Runs;

namespace Serverless.Api.Hosting;

/// <summary>A deleted item.</summary>
/// <param name="Kind">run, experiment, logged model, model version or artifact.</param>
/// <param name="Kept">Why it is kept. Null if it can be removed.</param>
public sealed record Trashed(string Kind, string Id, string Name, DateTimeOffset DeletedAt, string? Kept = null)
{
    internal Func<CancellationToken, Task> Remove { get; init; } = _ => Task.CompletedTask;
}

/// <summary>
/// Finds items that were deleted long ago and are no longer in use, and removes them permanently. Listing changes nothing. Items in use are
/// kept, with the reason: the files of a registered version, the parent of an active run, the run of an active model.
/// </summary>
public sealed class TrashCollector(WorkspaceServices workspace)
{
    private readonly Store store = workspace.Store;
    private readonly RunStore runs = workspace.Runs;

    /// <summary>Lists all deleted items, and whether each can be removed if it was deleted before the given time.</summary>
    public async Task<IReadOnlyList<Trashed>> ListAsync(DateTimeOffset before, CancellationToken cancellationToken = default)
    {
        var found = new List<Trashed>();
        var registered = await RegisteredAsync(before, cancellationToken);
        foreach (var experiment in await runs.Experiments.ListAsync(cancellationToken))
        {
            found.AddRange(await ListAsync(experiment, registered, before, cancellationToken));
        }

        foreach (var version in await workspace.Models.Trash.ListDeletedAsync(cancellationToken))
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"{version.Name} {version.Version}");
            found.Add(new Trashed("model version", name, version.Source, version.DeletedAt!.Value, Early(version.DeletedAt.Value, before)));
        }

        foreach (var entry in await store.Artifacts.Trash.ListAsync(cancellationToken))
        {
            found.Add(
                new Trashed("artifact", entry.Id, entry.Path, entry.DeletedAt, Early(entry.DeletedAt, before))
                {
                    Remove = token => store.Artifacts.Trash.CollectAsync(entry, token),
                }
            );
        }

        return found;
    }

    /// <summary>Removes the items that <see cref="ListAsync"/> reports as removable, if they still are.</summary>
    /// <returns>The removed items.</returns>
    public async Task<IReadOnlyList<Trashed>> CollectAsync(DateTimeOffset before, CancellationToken cancellationToken = default)
    {
        var gone = (await ListAsync(before, cancellationToken)).Where(t => t.Kept is null).ToList();
        foreach (var item in gone)
        {
            await item.Remove(cancellationToken);
        }

        await workspace.Models.Trash.CollectAsync(before, isDryRun: false, cancellationToken);
        return gone;
    }

    private async Task<List<Trashed>> ListAsync(
        Experiment experiment,
        IReadOnlyList<ModelVersion> registered,
        DateTimeOffset before,
        CancellationToken cancellationToken
    )
    {
        var all = await runs.ListAsync(experiment.Id, cancellationToken);
        var models = await workspace.LoggedModels.ListAsync(experiment.Id, cancellationToken);
        var alive = all.Where(r => !r.IsDeleted).ToList();
        var parents = alive.Where(r => r.Tags.ContainsKey("mlflow.parentRunId")).ToLookup(r => r.Tags["mlflow.parentRunId"]);
        var found = new List<Trashed>();
        foreach (var model in models.Where(m => m.IsDeleted))
        {
            var deletedAt = DateTimeOffset.FromUnixTimeMilliseconds(model.DeletedMilliseconds!.Value);
            found.Add(
                new Trashed(
                    "logged model",
                    model.Id,
                    model.Name,
                    deletedAt,
                    Early(deletedAt, before) ?? UsedBy(registered, model.Id, model.ArtifactUri, null)
                )
                {
                    Remove = async token =>
                    {
                        await RemoveFilesAsync(model.ArtifactUri, model.Id, token);
                        await workspace.LoggedModels.RemoveAsync(model, token);
                    },
                }
            );
        }

        foreach (var run in all.Where(r => r.IsDeleted))
        {
            var deletedAt = DateTimeOffset.FromUnixTimeMilliseconds(run.DeletedMilliseconds!.Value);
            var kept =
                Early(deletedAt, before)
                ?? (run is { Pipeline: not null, IsEnded: false } ? "the run has not ended" : null)
                ?? UsedBy(registered, null, run.ArtifactUri, run.Id)
                ?? (parents[run.Id].FirstOrDefault() is { } child ? $"run {child.Name} ({child.Id[..8]}) is nested in it" : null)
                ?? (
                    models.FirstOrDefault(m => !m.IsDeleted && m.SourceRunId == run.Id) is { } made
                        ? $"it created the logged model {made.Name} ({made.Id})"
                        : null
                );
            found.Add(
                new Trashed("run", run.Id, run.Name, deletedAt, kept)
                {
                    Remove = async token =>
                    {
                        if (await runs.BeginRemovalAsync(run, token))
                        {
                            await RemoveFilesAsync(run.ArtifactUri, run.Id, token);
                            await store.Logs.DeleteAsync(run.Id + "/", token);
                            await runs.RemoveAsync(run, token);
                        }
                    },
                }
            );
        }

        if (experiment.IsDeleted)
        {
            var deletedAt = DateTimeOffset.FromUnixTimeMilliseconds(experiment.LastUpdateTime);
            var stays = found.Count(f => f.Kept is not null) + alive.Count + models.Count(m => !m.IsDeleted);
            found.Add(
                new Trashed(
                    "experiment",
                    experiment.Id,
                    experiment.Name,
                    deletedAt,
                    Early(deletedAt, before)
                        ?? (experiment.Id == Experiment.DefaultId ? "it is the default experiment" : null)
                        ?? (stays > 0 ? $"{stays} of its runs and models are kept" : null)
                )
                {
                    Remove = token => runs.RemoveExperimentAsync(experiment, token),
                }
            );
        }

        return found;
    }

    /// <summary>Active versions, and recently deleted versions, which may be restored.</summary>
    private async Task<IReadOnlyList<ModelVersion>> RegisteredAsync(DateTimeOffset before, CancellationToken cancellationToken)
    {
        var versions = new List<ModelVersion>();
        foreach (var model in await workspace.Models.ListAsync(cancellationToken))
        {
            versions.AddRange(await workspace.Models.ListVersionsAsync(model.Name, cancellationToken));
        }

        versions.AddRange((await workspace.Models.Trash.ListDeletedAsync(cancellationToken)).Where(v => v.DeletedAt >= before));
        return versions;
    }

    private static string? UsedBy(IReadOnlyList<ModelVersion> registered, string? modelId, string? artifacts, string? runId)
    {
        var user = registered.FirstOrDefault(v =>
            (runId is not null && (v.RunId == runId || v.Source.StartsWith($"runs:/{runId}/", StringComparison.Ordinal)))
            || (modelId is not null && v.ModelId == modelId)
            || (artifacts is not null && (v.DownloadUri + "/").StartsWith(artifacts + "/", StringComparison.Ordinal))
        );
        return user is null ? null : string.Create(CultureInfo.InvariantCulture, $"version {user.Version} of {user.Name} comes from it");
    }

    private static string? Early(DateTimeOffset deletedAt, DateTimeOffset before) =>
        deletedAt < before
            ? null
            : string.Create(
                CultureInfo.InvariantCulture,
                $"deleted {deletedAt.UtcDateTime:yyyy-MM-dd HH:mm}, after {before.UtcDateTime:yyyy-MM-dd HH:mm}"
            );

    /// <summary>The location, if it is exclusive. A location that several items share must not be removed.</summary>
    private async Task RemoveFilesAsync(string? uri, string id, CancellationToken cancellationToken)
    {
        if (Artifacts.ArtifactLocation.TryPath(uri) is { } path && path.Split('/').Contains(id))
        {
            await store.Artifacts.DeleteAsync(path, cancellationToken);
        }
    }
}
