using Serverless.Core;
using Serverless.Data.Files;
using Serverless.Storage.Content;

namespace Serverless.Data.Outputs;

/// <summary>The changes that turn one folder into another.</summary>
/// <param name="Modified">The modified files, with the new content.</param>
/// <param name="Lost">The current files that are replaced or deleted.</param>
public sealed record FolderChanges(
    IReadOnlyList<DirectoryFile> Added,
    IReadOnlyList<DirectoryFile> Modified,
    IReadOnlyList<DirectoryFile> Deleted,
    IReadOnlyList<DirectoryFile> Lost
)
{
    /// <summary>Compares two sorted listings in one pass. Null stands for a missing folder.</summary>
    public static FolderChanges Between(DirectoryListing? from, DirectoryListing? to)
    {
        IReadOnlyList<DirectoryFile> old = from?.Files ?? [],
            wanted = to?.Files ?? [];
        var (added, modified, deleted, lost) = (
            new List<DirectoryFile>(),
            new List<DirectoryFile>(),
            new List<DirectoryFile>(),
            new List<DirectoryFile>()
        );
        var (i, j) = (0, 0);
        while (i < old.Count || j < wanted.Count)
        {
            var order =
                i >= old.Count ? 1
                : j >= wanted.Count ? -1
                : CodePointOrder.Instance.Compare(old[i].Path, wanted[j].Path);
            if (order < 0)
            {
                deleted.Add(old[i]);
                lost.Add(old[i++]);
            }
            else if (order > 0)
            {
                added.Add(wanted[j++]);
            }
            else
            {
                if (old[i].Digest != wanted[j].Digest)
                {
                    modified.Add(wanted[j]);
                    lost.Add(old[i]);
                }

                (i, j) = (i + 1, j + 1);
            }
        }

        return new FolderChanges(added, modified, deleted, lost);
    }
}
