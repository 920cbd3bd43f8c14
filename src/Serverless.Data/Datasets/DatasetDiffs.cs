using Serverless.Core;
using Serverless.Data.Files;
using Serverless.Storage.Content;

namespace Serverless.Data.Datasets;

/// <summary>Compares two listings.</summary>
public static class DatasetDiffs
{
    public static DatasetDiff Between(DirectoryListing before, DirectoryListing after)
    {
        var (added, removed, modified) = (new List<DatasetFile>(), new List<DatasetFile>(), new List<DatasetFile>());
        var (i, j) = (0, 0);
        while (i < before.Files.Count || j < after.Files.Count)
        {
            var order =
                i == before.Files.Count ? 1
                : j == after.Files.Count ? -1
                : CodePointOrder.Instance.Compare(before.Files[i].Path, after.Files[j].Path);
            if (order < 0)
            {
                removed.Add(Of(before.Files[i++]));
            }
            else if (order > 0)
            {
                added.Add(Of(after.Files[j++]));
            }
            else
            {
                if (before.Files[i].Digest != after.Files[j].Digest)
                {
                    modified.Add(Of(after.Files[j]));
                }

                i++;
                j++;
            }
        }

        return new DatasetDiff(added, removed, modified, Renames(added, removed));
    }

    /// <summary>Moves files that were removed and added with the same content out of both lists.</summary>
    private static List<DatasetRename> Renames(List<DatasetFile> added, List<DatasetFile> removed)
    {
        var renamed = new List<DatasetRename>();
        var gone = removed.GroupBy(r => r.Md5).ToDictionary(g => g.Key, g => new Queue<DatasetFile>(g), StringComparer.Ordinal);
        foreach (var file in added.ToList())
        {
            if (gone.TryGetValue(file.Md5, out var same) && same.TryDequeue(out var old))
            {
                renamed.Add(new DatasetRename(old.Path, file.Path, file.Md5));
            }
        }

        var (from, to) = (
            renamed.Select(r => r.From).ToHashSet(StringComparer.Ordinal),
            renamed.Select(r => r.To).ToHashSet(StringComparer.Ordinal)
        );
        removed.RemoveAll(r => from.Contains(r.Path));
        added.RemoveAll(a => to.Contains(a.Path));
        return renamed;
    }

    private static DatasetFile Of(DirectoryFile file) => new(file.Path, file.Digest.ToString());
}
