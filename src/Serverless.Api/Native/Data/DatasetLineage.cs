using Serverless.Api.Hosting;
using Serverless.Data.Datasets;
using Serverless.Tracking.Models;

namespace Serverless.Api.Native.Data;

/// <summary>A model version whose run used a content.</summary>
public sealed record ModelUse(string Name, int Version, string Stage, string RunId);

/// <summary>
/// The lineage of a content: the runs that created it, the dataset versions with this content, and the runs and models that used it.
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
    /// <param name="version">The requested version, if any. Its commit may name a run.</param>
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
