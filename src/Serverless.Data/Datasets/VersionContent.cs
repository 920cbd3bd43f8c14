using Serverless.Core;
using Serverless.Data.Files;
using Serverless.Data.Remotes;
using Serverless.Storage;
using Serverless.Storage.Content;

namespace Serverless.Data.Datasets;

/// <summary>
/// Creates the content of versions: builds a listing from changes, makes sure that everything in it exists, and stores it last.
/// </summary>
internal sealed class VersionContent(Store store)
{
    private readonly BlobRemote remote = new(store.Objects);

    /// <summary>Lists the files of some content. A single file is named like its dataset.</summary>
    public async Task<DirectoryListing> ListAsync(string name, string digest, CancellationToken cancellationToken)
    {
        var id = ObjectId.Parse(digest);
        if (!id.IsDirectory)
        {
            return DirectoryListing.Of([new DirectoryFile(name, Md5Digest.Parse(digest))]);
        }

        using var bytes = new MemoryStream(await store.Content.ReadAsync(digest, cancellationToken), writable: false);
        return DirectoryListing.Read(bytes, digest);
    }

    /// <summary>Returns the content after a commit.</summary>
    public async Task<(string Digest, long? Size, int? Count)> BuildAsync(
        string name,
        DatasetVersion? parent,
        DatasetCommit commit,
        CancellationToken cancellationToken
    )
    {
        if (commit.Digest is { } digest)
        {
            return await TakeAsync(name, commit, digest, cancellationToken);
        }

        var before = parent is null ? [] : (await ListAsync(name, parent.Digest, cancellationToken)).Files;
        var files = before.ToDictionary(f => f.Path, f => f.Digest, StringComparer.Ordinal);
        var gone = new List<Md5Digest>();
        foreach (var path in commit.Remove)
        {
            var below = files.Keys.Where(p => p == path || p.StartsWith(path.TrimEnd('/') + "/", StringComparison.Ordinal)).ToList();
            if (below.Count == 0)
            {
                throw ServerlessException.Invalid(
                    $"The commit removes '{path}', which is not in the version.",
                    "Remove only existing paths."
                );
            }

            below.ForEach(p =>
            {
                gone.Add(files[p]);
                files.Remove(p);
            });
        }

        foreach (var file in commit.Add)
        {
            var path = DatasetNames.CheckPath(file.Path);
            var id = ObjectId.Parse(file.Md5);
            if (id.IsDirectory)
            {
                throw ServerlessException.Invalid($"'{path}' has the digest of a folder.", "Add the files of the folder instead.");
            }

            if (files.TryGetValue(path, out var old))
            {
                gone.Add(old);
            }

            files[path] = Md5Digest.Parse(file.Md5);
        }

        CheckTree(files.Keys);
        await CheckPresentAsync(commit.Add.Select(f => ObjectId.Parse(f.Md5)), cancellationToken);
        var size = await SizeAsync(parent, commit, gone, cancellationToken);
        var listing = DirectoryListing.Of(files.Select(f => new DirectoryFile(f.Key, f.Value)));
        await PutAsync(listing, cancellationToken);
        return (listing.Digest, size, listing.Files.Count);
    }

    private async Task<(string Digest, long? Size, int? Count)> TakeAsync(
        string name,
        DatasetCommit commit,
        string digest,
        CancellationToken cancellationToken
    )
    {
        if (commit.Add.Count > 0 || commit.Remove.Count > 0)
        {
            throw ServerlessException.Invalid(
                "The commit contains both a whole content (`digest`) and changes.",
                "Set either `digest`, or `add` and `remove`."
            );
        }

        var id = ObjectId.Parse(digest);
        await CheckPresentAsync([id], cancellationToken);
        if (!id.IsDirectory)
        {
            return (digest, commit.Size ?? (await store.Objects.FindAsync(id.RemoteName, cancellationToken))?.Length, 1);
        }

        var listing = await ListAsync(name, digest, cancellationToken);
        return (digest, commit.Size, listing.Files.Count);
    }

    /// <summary>Makes sure that no path is both a file and a folder.</summary>
    private static void CheckTree(ICollection<string> paths)
    {
        var files = paths as IReadOnlySet<string> ?? new HashSet<string>(paths, StringComparer.Ordinal);
        foreach (var path in files)
        {
            for (var at = path.IndexOf('/', StringComparison.Ordinal); at >= 0; at = path.IndexOf('/', at + 1))
            {
                if (files.Contains(path[..at]))
                {
                    throw ServerlessException.Invalid(
                        $"'{path[..at]}' would be both a file and, because of '{path}', a folder.",
                        "Remove one of them in the same commit."
                    );
                }
            }
        }
    }

    private async Task CheckPresentAsync(IEnumerable<ObjectId> objects, CancellationToken cancellationToken)
    {
        var missing = await new RemoteInventory(remote).FindMissingAsync(objects, [], cancellationToken);
        if (missing.Count > 0)
        {
            throw ServerlessException.Invalid(
                $"The store lacks {missing.Count} of the committed files: "
                    + $"{string.Join(", ", missing.Take(3))}{(missing.Count > 3 ? ", …" : "")}.",
                "Upload them before you commit."
            );
        }
    }

    /// <summary>Computes the size from the parent's size and the sizes of the files. Returns null if any of them is unknown.</summary>
    private async Task<long?> SizeAsync(
        DatasetVersion? parent,
        DatasetCommit commit,
        List<Md5Digest> gone,
        CancellationToken cancellationToken
    )
    {
        const int MostLookUps = 256;
        if ((parent is not null && parent.Size is null) || commit.Add.Any(f => f.Size is null) || gone.Count > MostLookUps)
        {
            return null;
        }

        var sizes = await Task.WhenAll(gone.Select(d => store.Objects.FindAsync(new ObjectId(d, false).RemoteName, cancellationToken)));
        return sizes.Any(s => s is null) ? null : (parent?.Size ?? 0) + commit.Add.Sum(f => f.Size!.Value) - sizes.Sum(s => s!.Length);
    }

    private async Task PutAsync(DirectoryListing listing, CancellationToken cancellationToken)
    {
        using var bytes = new MemoryStream();
        listing.WriteTo(bytes);
        bytes.Position = 0;
        var id = ObjectId.Parse(listing.Digest);
        await store.Objects.PutAsync(id.RemoteName, bytes, bytes.Length, id.HashBytes(), cancellationToken);
    }
}
