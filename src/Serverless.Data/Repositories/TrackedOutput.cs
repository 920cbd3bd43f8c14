using Serverless.Data.Pointers;

namespace Serverless.Data.Repositories;

/// <summary>An output that the repository stores by its content.</summary>
/// <param name="Path">The absolute path.</param>
/// <param name="Entry">The entry of a pointer or lock file.</param>
/// <param name="Owner">The name of the pointer or stage as DVC addresses it: `data.dvc`, `train`, `sub/dvc.yaml:train`.</param>
/// <param name="Pointer">The pointer file; null for the output of a stage.</param>
public sealed record TrackedOutput(string Path, OutputEntry Entry, string Owner, PointerFile? Pointer)
{
    /// <summary>Gets the path relative to the current folder, for messages.</summary>
    public string Name => System.IO.Path.GetRelativePath(Environment.CurrentDirectory, Path).Replace('\\', '/');
}
