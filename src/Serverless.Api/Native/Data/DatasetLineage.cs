using Serverless.Api.Hosting;
using Serverless.Data.Datasets;
using Serverless.Tracking.Models;

namespace Serverless.Api.Native.Data;

/// <summary>A version of a model whose run used a content.</summary>
public sealed record ModelUse(string Name, int Version, string Stage, string RunId);

/// <summary>
/// Both ways from a content: the runs that made it, the versions of datasets that it is, and the runs and models that came of it.
/// </summary>
public sealed record DatasetLineage(
    string Digest,
    string? MadeByRun,
    IReadOnlyList<DatasetReference> Versions,
    IReadOnlyList<DataUse> MadeBy,
    IReadOnlyList<DataUse> UsedBy,
    IReadOnlyList<ModelUse> Models
)
{
    /// <param name="version">The version that was asked for, if one was: who committed it may have named a run.</param>
    public static async Task<DatasetLineage> OfAsync(
        WorkspaceServices workspace,
        string digest,
        DatasetVersion? version = null,
        CancellationToken cancellationToken = default
    )
    {
        var lineage = await workspace.Datasets.Lineage.OfAsync(digest, cancellationToken);
        var runs = lineage.UsedBy.Select(u => u.RunId).ToHashSet(StringComparer.Ordinal);
        return new DatasetLineage(
            digest,
            version?.RunId,
            lineage.Versions,
            lineage.MadeBy,
            lineage.UsedBy,
            runs.Count == 0 ? [] : await ModelsAsync(workspace.Models, runs, cancellationToken)
        );
    }

    private static async Task<List<ModelUse>> ModelsAsync(ModelRegistry registry, HashSet<string> runs, CancellationToken cancellationToken)
    {
        var models = new List<ModelUse>();
        foreach (var model in await registry.ListAsync(cancellationToken))
        {
            foreach (var made in await registry.ListVersionsAsync(model.Name, cancellationToken))
            {
                if (made.RunId is { } run && runs.Contains(run))
                {
                    models.Add(new ModelUse(made.Name, made.Version, made.Stage.ToString(), run));
                }
            }
        }

        return models;
    }
}
