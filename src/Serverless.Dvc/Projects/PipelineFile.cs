using Serverless.Data.Values;

namespace Serverless.Dvc.Projects;

/// <summary>The content of a dvc.yaml: its stages with their locks, and its top-level sections.</summary>
/// <param name="File">The full path.</param>
/// <param name="Stages">The stages in the order of the file, with loops expanded.</param>
/// <param name="Groups">The names of loops.</param>
/// <param name="Metrics">Metrics files that are not outputs of stages, relative to the file's folder.</param>
/// <param name="Params">Parameters files, likewise.</param>
/// <param name="Plots">Plots by id: a path, or a name whose definition refers to the data.</param>
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
