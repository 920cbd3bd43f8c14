using Serverless.Data.Pointers;

namespace Serverless.Data.Repositories;

/// <summary>An output that the repository keeps by its content.</summary>
/// <param name="Path">Where it belongs; absolute.</param>
/// <param name="Entry">What a pointer or lock file recorded.</param>
/// <param name="Owner">The name of the pointer or stage as DVC addresses it: `data.dvc`, `train`, `sub/dvc.yaml:train`.</param>
/// <param name="Pointer">The pointer file; null for the output of a stage.</param>
public sealed record TrackedOutput(string Path, OutputEntry Entry, string Owner, PointerFile? Pointer)
{
    /// <summary>As messages write it: relative to the current folder.</summary>
    public string Name => System.IO.Path.GetRelativePath(Environment.CurrentDirectory, Path).Replace('\\', '/');
}
