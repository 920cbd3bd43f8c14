using Serverless.Data.Values;

namespace Serverless.Dvc.Projects;

/// <summary>A dvc.yaml, read: its stages with their locks, and what it names besides.</summary>
/// <param name="File">The full path.</param>
/// <param name="Stages">In the order of the file, loops unrolled.</param>
/// <param name="Groups">The names of loops.</param>
/// <param name="Metrics">Files that are metrics without being a stage's output, from the file's folder.</param>
/// <param name="Params">The same for parameters.</param>
/// <param name="Plots">Plots by their id: a path, or a name whose definition says where the data lies.</param>
internal sealed record PipelineFile(
    string File,
    IReadOnlyList<RepoStage> Stages,
    IReadOnlySet<string> Groups,
    IReadOnlyList<string> Metrics,
    IReadOnlyList<string> Params,
    IReadOnlyList<(string Id, DataMap? Definition)> Plots
)
{
    public string Folder => Path.GetDirectoryName(File)!;
}
