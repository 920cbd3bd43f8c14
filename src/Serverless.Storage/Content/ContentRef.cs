namespace Serverless.Storage.Content;

/// <summary>Identifies a file or folder by its content.</summary>
/// <param name="Digest">The MD5 in lower-case hex. A folder's ends in `.dir`, as in DVC.</param>
/// <param name="Size">The size in bytes; for a folder, the sum of its files.</param>
/// <param name="FileCount">The number of files in a folder; null for a file.</param>
/// <param name="IsExecutable">True for a file that its owner may execute.</param>
public sealed record ContentRef(string Digest, long Size, int? FileCount = null, bool IsExecutable = false)
{
    public const string DirectorySuffix = ".dir";

    public bool IsDirectory => Digest.EndsWith(DirectorySuffix, StringComparison.Ordinal);
}
