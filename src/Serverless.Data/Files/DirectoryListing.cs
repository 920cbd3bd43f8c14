using Serverless.Core;
using Serverless.Storage.Content;

namespace Serverless.Data.Files;

/// <summary>What a folder holds: its files by path, sorted by code point, and the digest of that list.</summary>
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

    /// <summary>With `.dir` behind it.</summary>
    public string Digest { get; }

    /// <summary>Of files in any order.</summary>
    public static DirectoryListing Of(IEnumerable<DirectoryFile> files)
    {
        var sorted = files.ToList();
        sorted.Sort(ByPath);
        return OfSorted(sorted);
    }

    /// <summary>Of files that are in order already, as <see cref="FolderScan"/> finds them; the list is kept.</summary>
    internal static DirectoryListing OfSorted(List<DirectoryFile> sorted) =>
        new(sorted, DirectoryObjectStream.Write(Stream.Null, sorted) + ContentRef.DirectorySuffix);

    /// <summary>
    /// Reads a stored listing; <paramref name="digest"/> is the name that it has, which another writer's bytes may give it.
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
                    $"The folder's listing '{digest}' names '{files[i].Path}' twice.",
                    "Add the folder anew."
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
