using Serverless.Core;
using Serverless.Data.Cache;
using Serverless.Data.Files;
using Serverless.Data.Remotes;
using Serverless.Data.Repositories;
using Serverless.Storage.Blobs;

namespace Serverless.Data.Maintenance;

/// <summary>Collects what is in use: by several repositories, their histories, their run caches, and the platform's records.</summary>
public sealed class GarbageUse(IRemote? remote)
{
    private readonly Dictionary<ObjectId, string> used = [];

    public IReadOnlyDictionary<ObjectId, string> Used => used;

    /// <summary>
    /// Adds what a repository's outputs use. If a listing is missing everywhere, its files are unknown, and nothing may be collected.
    /// </summary>
    public async Task AddAsync(Repository repository, UsedSelection selection, bool runCache, CancellationToken cancellationToken = default)
    {
        var who = $"used by {repository.Root}";
        foreach (var item in UsedObjects.Collect(repository, selection, cancellationToken))
        {
            await AddAsync(item.Id, who, $"'{item.Name}' of {repository.Root}", repository.Cache, cancellationToken);
        }

        var runs = Path.Combine(repository.Cache.Folder, "runs");
        if (runCache && Directory.Exists(runs))
        {
            foreach (var id in Directory.EnumerateFiles(runs, "*", SearchOption.AllDirectories).SelectMany(RunCacheTransfer.Named))
            {
                // Outputs of a run may have been collected before; its entry then restores nothing.
                await AddAsync(id, $"used by the run cache of {repository.Root}", null, repository.Cache, cancellationToken);
            }
        }
    }

    /// <summary>Adds what the platform's records refer to.</summary>
    public async Task AddAsync(IReadOnlyDictionary<string, string> records, LocalCache cache, CancellationToken cancellationToken = default)
    {
        foreach (var (digest, by) in records)
        {
            if (ObjectId.TryParse(digest, HashKind.Md5, out var id))
            {
                await AddAsync(id, $"used by {by.Split(" (")[0]} of the platform", null, cache, cancellationToken);
            }
        }
    }

    private async Task AddAsync(ObjectId id, string who, string? needed, LocalCache cache, CancellationToken cancellationToken)
    {
        if (!used.TryAdd(id, who) || !id.IsDirectory)
        {
            return;
        }

        if (await ListingAsync(id, cache, cancellationToken) is { } listing)
        {
            foreach (var file in listing.Files)
            {
                used.TryAdd(new ObjectId(file.Digest, false, id.Kind), who);
            }
        }
        else if (needed is not null)
        {
            throw new ServerlessException(
                ErrorCodes.InvalidState,
                $"The listing {id} of {needed} is neither in the cache nor in the remote, so the files that it uses are unknown. Nothing "
                    + $"was collected.",
                "Restore it with `mlops fetch` or `mlops fsck`, or exclude that output or revision."
            );
        }
    }

    private async Task<DirectoryListing?> ListingAsync(ObjectId id, LocalCache cache, CancellationToken cancellationToken)
    {
        if (cache.Contains(id.Digest, id.Kind))
        {
            return cache.OpenListing(id.Digest, id.Kind);
        }

        if (remote is null || await remote.OpenAsync(id.RemoteName, cancellationToken) is not { } body)
        {
            return null;
        }

        await using (body)
        {
            using var hashed = new HashedStream(body);
            using var bytes = new MemoryStream();
            await hashed.CopyToAsync(bytes, cancellationToken);
            bytes.Position = 0;
            return hashed.Digest().AsSpan().SequenceEqual(id.HashBytes()) ? DirectoryListing.Read(bytes, id.Digest) : null;
        }
    }
}
