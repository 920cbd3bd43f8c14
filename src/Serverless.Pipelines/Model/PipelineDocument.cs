namespace Serverless.Pipelines.Model;

/// <summary>The content of a pipeline file.</summary>
/// <param name="Spec">The pipeline.</param>
/// <param name="Directory">The full path of the folder that the pipeline's paths are relative to.</param>
/// <param name="Sources">Every file or folder of the workspace that the pipeline reads, each once.</param>
public sealed record PipelineDocument(PipelineSpec Spec, string Directory, IReadOnlyList<SourceFile> Sources)
{
    /// <summary>
    /// Gets the files that define the pipeline, the pipeline file first, relative to the pipeline's folder. They are sufficient to read
    /// the pipeline elsewhere.
    /// </summary>
    public IReadOnlyList<string> Definitions { get; init; } = [];
}

/// <summary>A file or folder of the workspace that a pipeline reads.</summary>
/// <param name="Path">The path relative to the pipeline's folder, with `/`. It may start with `../`.</param>
/// <param name="FullPath">The full path.</param>
/// <param name="IsOptional">Whether it may be missing.</param>
public sealed record SourceFile(string Path, string FullPath, bool IsOptional);
