namespace Serverless.Storage.Content;

/// <summary>A file or folder by its content.</summary>
/// <param name="Digest">md5 in lower-case hex; a folder's ends in `.dir`, as DVC writes it.</param>
/// <param name="Size">Bytes, of a folder the sum of its files.</param>
/// <param name="FileCount">How many files a folder has; null for a file.</param>
/// <param name="IsExecutable">True for a file that its owner may execute.</param>
public sealed record ContentRef(string Digest, long Size, int? FileCount = null, bool IsExecutable = false)
{
    public const string DirectorySuffix = ".dir";

    public bool IsDirectory => Digest.EndsWith(DirectorySuffix, StringComparison.Ordinal);
}
