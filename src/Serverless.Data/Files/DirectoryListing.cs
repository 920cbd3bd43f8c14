using Serverless.Core;
using Serverless.Storage.Content;

namespace Serverless.Data.Files;

/// <summary>The content of a folder: its files by path, sorted by code point, and the digest of that list.</summary>
public sealed class DirectoryListing
{
    private static readonly Comparer<DirectoryFile> ByPath = Comparer<DirectoryFile>.Create(
        static (a, b) => CodePointOrder.Instance.Compare(a.Path, b.Path)
    );

    private DirectoryListing(List<DirectoryFile> files, string digest)
    {
        Files = files;
        Digest = digest;
    }

    public IReadOnlyList<DirectoryFile> Files { get; }

    /// <summary>Gets the digest, which ends in `.dir`.</summary>
    public string Digest { get; }

    /// <summary>Creates a listing of files in any order.</summary>
    public static DirectoryListing Of(IEnumerable<DirectoryFile> files)
    {
        var sorted = files.ToList();
        sorted.Sort(ByPath);
        return OfSorted(sorted);
    }

    /// <summary>Creates a listing of files that are already in order, as <see cref="FolderScan"/> returns them. Keeps the list.</summary>
    internal static DirectoryListing OfSorted(List<DirectoryFile> sorted) =>
        new(sorted, DirectoryObjectStream.Write(Stream.Null, sorted) + ContentRef.DirectorySuffix);

    /// <summary>
    /// Reads a stored listing. <paramref name="digest"/> is the name that it is stored under, which may differ for bytes of another
    /// writer.
    /// </summary>
    public static DirectoryListing Read(Stream from, string digest)
    {
        var files = DirectoryObjectStream.Read(from, digest);
        files.Sort(ByPath);
        for (var i = 1; i < files.Count; i++)
        {
            if (files[i].Path == files[i - 1].Path)
            {
                throw ServerlessException.Invalid(
                    $"The folder listing '{digest}' contains '{files[i].Path}' twice.",
                    "Add the folder again."
                );
            }
        }

        return new DirectoryListing(files, digest);
    }

    public Md5Digest? Find(string path)
    {
        var at = ((List<DirectoryFile>)Files).BinarySearch(new DirectoryFile(path, default), ByPath);
        return at >= 0 ? Files[at].Digest : null;
    }

    internal void WriteTo(Stream to) => DirectoryObjectStream.Write(to, Files);
}
