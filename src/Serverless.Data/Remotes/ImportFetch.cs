using Serverless.Core;
using Serverless.Data.Files;
using Serverless.Data.Operations;
using Serverless.Data.Repositories;
using Serverless.Storage.Content;

namespace Serverless.Data.Remotes;

/// <summary>
/// Fetches imports from other repositories into the cache: outputs from those repositories' own cache or remote, and files that git tracks
/// from their commits.
/// </summary>
internal sealed class ImportFetch(Repository repository)
{
    public async Task<TransferSummary> RunAsync(IEnumerable<UsedObject> imports, CancellationToken cancellationToken)
    {
        var summary = TransferSummary.None;
        foreach (var source in imports.Where(i => !IsHere(i)).GroupBy(i => (i.Import!.Url, i.Import.Revision)))
        {
            using var tree = RepositoryTree.Open(source.Key.Url, source.Key.Revision, cancellationToken, repository.Cache);
            foreach (var import in source)
            {
                summary += await FetchAsync(tree, import, cancellationToken);
            }
        }

        return summary;
    }

    private bool IsHere(UsedObject import)
    {
        var (id, cache) = (import.Id, repository.Cache);
        return cache.Contains(id.Digest, id.Kind)
            && (
                !id.IsDirectory
                || cache
                    .OpenListing(id.Digest, id.Kind)
                    .Files.All(f => !IsMeant(import, f.Path) || cache.Contains(f.Digest.ToString(), id.Kind))
            );
    }

    private static bool IsMeant(UsedObject import, string path) =>
        import.Inside is null || path == import.Inside || path.StartsWith(import.Inside + "/", StringComparison.Ordinal);

    private async Task<TransferSummary> FetchAsync(RepositoryTree tree, UsedObject import, CancellationToken cancellationToken)
    {
        var (id, path) = (import.Id, import.Import!.Path);
        var fetched = await TreeFetch.RunAsync(
            tree,
            import.Inside is null ? path : $"{path}/{import.Inside}",
            import.Import.Remote,
            cancellationToken
        );
        // A local folder has its own cache: the files are still to be copied from there.
        var count = tree.Repository.Cache.Folder == repository.Cache.Folder ? fetched : 0;
        var items = tree.Below(path);
        if (items.Count == 0)
        {
            throw ServerlessException.NotFound(
                $"The path '{path}' does not exist in the target repository '{import.Import.Url}'",
                "Import it again from its current path."
            );
        }

        var files = new List<DirectoryFile>();
        var lost = new List<ObjectId>();
        foreach (var item in items)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var inside = item.Path == path ? "" : item.Path[(path.Length + 1)..];
            var known = item.Kind == id.Kind ? item.Digest : null;
            if (item.IsDirectory || (item.Digest is not null && IsMeant(import, inside) && tree.Missing([item]).Count > 0))
            {
                lost.Add(ObjectId.Parse(item.Digest!, item.Kind));
                continue;
            }

            if ((known is null || IsMeant(import, inside)) && (known is null || !repository.Cache.Contains(known, id.Kind)))
            {
                known = Take(tree, item, known, id.Kind);
                count++;
            }

            files.Add(new DirectoryFile(inside, Md5Digest.Parse(known!)));
        }

        return lost.Count > 0 ? new TransferSummary(count, 0, lost, [])
            : IsImported(id, files) ? new TransferSummary(count, 0, [], [])
            : new TransferSummary(
                count,
                0,
                [],
                [
                    new TransferFailure(
                        id,
                        new ServerlessException(
                            ErrorCodes.InvalidState,
                            $"'{path}' of '{import.Import.Url}' at {import.Import.Revision ?? "HEAD"} differs from what "
                                + $"'{import.Name}' was imported from.",
                            "Import it again."
                        )
                    ),
                ]
            );
    }

    private string Take(RepositoryTree tree, TreeItem item, string? known, HashKind kind)
    {
        var temporary = repository.Cache.TemporaryPath();
        try
        {
            tree.CopyTo(item, temporary);
            known ??= FileHash.Of(temporary, kind).ToString();
            repository.Cache.Commit(temporary, known, kind);
            return known;
        }
        catch
        {
            TemporaryFiles.TryDelete(temporary);
            throw;
        }
    }

    /// <summary>Returns true if these files are what the pointer recorded. A folder's listing is named last.</summary>
    private bool IsImported(ObjectId id, List<DirectoryFile> files)
    {
        if (!id.IsDirectory)
        {
            return files is [var only] && only.Digest.ToString() == id.Digest;
        }

        var listing = DirectoryListing.Of(files);
        if (listing.Digest != id.Digest)
        {
            return false;
        }

        repository.Cache.Put(listing.Digest, listing.WriteTo, id.Kind);
        return true;
    }
}
