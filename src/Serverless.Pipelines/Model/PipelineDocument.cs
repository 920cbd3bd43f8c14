namespace Serverless.Pipelines.Model;

/// <summary>A pipeline file, read.</summary>
/// <param name="Spec">The pipeline.</param>
/// <param name="Directory">The full path of the folder that the pipeline's paths start from.</param>
/// <param name="Sources">Every file or folder of the workspace that the pipeline reads, each once.</param>
public sealed record PipelineDocument(PipelineSpec Spec, string Directory, IReadOnlyList<SourceFile> Sources)
{
    /// <summary>
    /// The files that say what the pipeline is, the pipeline file first: paths from the pipeline's folder. With them and nothing else it
    /// can be read again elsewhere.
    /// </summary>
    public IReadOnlyList<string> Definitions { get; init; } = [];
}

/// <summary>A file or folder of the workspace that a pipeline reads.</summary>
/// <param name="Path">From the pipeline's folder, with `/`; it may start with `../`.</param>
/// <param name="FullPath">Where it lies.</param>
/// <param name="IsOptional">True if it need not be there.</param>
public sealed record SourceFile(string Path, string FullPath, bool IsOptional);
