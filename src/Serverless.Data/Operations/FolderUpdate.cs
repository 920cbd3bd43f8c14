using Serverless.Core;
using Serverless.Data.Cache;
using Serverless.Data.Files;
using Serverless.Data.Outputs;
using Serverless.Data.Pointers;
using Serverless.Data.Repositories;
using Serverless.Data.Values;
using Serverless.Storage.Content;

namespace Serverless.Data.Operations;

/// <summary>
/// Updates a part of a tracked folder: a file or folder in it that was added, changed or removed. The rest need not be on this disk; only
/// the folder's listing must be in the cache.
/// </summary>
internal sealed class FolderUpdate(Repository repository, ContentReader reader)
{
    public OutputEntry Apply(OutputEntry entry, string folder, string inside, CancellationToken cancellationToken)
    {
        if (entry.Kind != HashKind.Md5)
        {
            throw ServerlessException.Invalid(
                $"'{entry.Path}' was recorded by DVC 2.",
                $"Add the whole folder once: `mlops add {entry.Path}`."
            );
        }

        var old = repository.Cache.Contains(entry.Digest!)
            ? repository.Cache.OpenListing(entry.Digest!)
            : throw LocalCache.Missing(entry.Digest!);
        var path = Path.Combine(folder, inside);
        var content = reader.Save(path, cancellationToken);
        var replaced = old.Files.Where(f => IsInside(f.Path, inside)).ToList();
        if (content is null && replaced.Count == 0)
        {
            throw ServerlessException.NotFound($"output '{Path.GetRelativePath(Environment.CurrentDirectory, path)}' does not exist");
        }

        List<DirectoryFile> added =
            content is null ? []
            : content.Listing is { } below ? [.. below.Files.Select(f => new DirectoryFile($"{inside}/{f.Path}", f.Digest))]
            : [new DirectoryFile(inside, Md5Digest.Parse(content.Reference.Digest))];
        var listing = DirectoryListing.Of(old.Files.Where(f => !IsInside(f.Path, inside)).Concat(added));
        repository.Cache.Put(listing);

        var removedSize = SizeOf(replaced);
        var size = entry.Size - removedSize + (content?.Reference.Size ?? 0);
        var updated = entry.With(new ContentRef(listing.Digest, size ?? 0, listing.Files.Count));
        return size is null ? new OutputEntry(updated.Source.With("size", null)) : updated;
    }

    // Known only if the old files are in the cache.
    private long? SizeOf(List<DirectoryFile> files)
    {
        var sum = 0L;
        foreach (var file in files)
        {
            if (FileStat.Of(repository.Cache.PathOf(file.Digest.ToString())) is not { } stat)
            {
                return null;
            }

            sum += stat.Size;
        }

        return sum;
    }

    private static bool IsInside(string path, string folder) =>
        path.StartsWith(folder, StringComparison.Ordinal) && (path.Length == folder.Length || path[folder.Length] == '/');
}
