using System.Collections.Concurrent;
using Serverless.Data.Files;

namespace Serverless.Data.Remotes;

/// <summary>A folder's listing and its files, which are read on first use. That is rarely necessary for a folder that exists.</summary>
public sealed class ListedFolder(ObjectId id, Func<IReadOnlyList<ObjectId>> read)
{
    private readonly Lazy<IReadOnlyList<ObjectId>> files = new(read);

    public ObjectId Id => id;

    public IReadOnlyList<ObjectId> Files => files.Value;
}

/// <summary>Determines which objects a remote has, with as few requests as possible.</summary>
/// <remarks>
/// As in DVC, an existing listing implies its files. For the rest, a sample of the remote (the names that begin with 00) gives its
/// size, and therefore whether listing all names costs less than checking each object.
/// </remarks>
public sealed class RemoteInventory(IRemote remote, RemoteIndex? index = null, int? jobs = null)
{
    private const int FewObjects = 8;
    private const int ObjectsTogether = 10_000;

    /// <summary>The cost of a page of names, in requests for single objects.</summary>
    private const int PageWeight = 20;
    private const int SamplePrefixes = 256;

    private readonly int jobs = jobs ?? remote.DefaultJobs;

    /// <summary>Returns the objects that the remote lacks.</summary>
    public async Task<HashSet<ObjectId>> FindMissingAsync(
        IEnumerable<ObjectId> objects,
        IEnumerable<ListedFolder> folders,
        CancellationToken cancellationToken = default
    )
    {
        var wanted = new HashSet<ObjectId>(objects);
        var missing = new HashSet<ObjectId>();
        var listed = folders.DistinctBy(f => f.Id).ToList();
        var there = await AskAsync([.. listed.Select(f => f.Id)], cancellationToken);
        foreach (var folder in listed)
        {
            if (there.Contains(folder.Id))
            {
                if (wanted.Count > 0)
                {
                    wanted.ExceptWith(folder.Files);
                }

                index?.Note(folder.Id, () => folder.Files.Select(f => f.Hash));
            }
            else
            {
                index?.Remove(folder.Id);
                missing.Add(folder.Id);
                wanted.UnionWith(folder.Files);
            }
        }

        if (wanted.Count > FewObjects && index is not null)
        {
            await RuleOutKnownAsync(wanted, cancellationToken);
        }

        missing.UnionWith(await FindMissingFilesAsync(wanted, cancellationToken));
        return missing;
    }

    /// <summary>Removes objects that earlier listings imply, if those listings still exist.</summary>
    private async Task RuleOutKnownAsync(HashSet<ObjectId> wanted, CancellationToken cancellationToken)
    {
        foreach (var listing in index!.Listings())
        {
            var common = index.FilesOf(listing).Select(h => new ObjectId(h, false)).Where(wanted.Contains).ToList();
            if (common.Count <= 1)
            {
                continue;
            }

            if (await remote.ExistsAsync(listing.RemoteName, cancellationToken))
            {
                wanted.ExceptWith(common);
            }
            else
            {
                index.Remove(listing);
            }

            if (wanted.Count <= FewObjects)
            {
                return;
            }
        }
    }

    private async Task<HashSet<ObjectId>> FindMissingFilesAsync(HashSet<ObjectId> wanted, CancellationToken cancellationToken)
    {
        var missing = new HashSet<ObjectId>(wanted);
        if (wanted.Count <= FewObjects)
        {
            missing.ExceptWith(await AskAsync([.. wanted], cancellationToken));
            return missing;
        }

        if (await AskTogetherAsync(wanted, missing, cancellationToken))
        {
            return missing;
        }

        foreach (var kind in wanted.GroupBy(w => w.Kind))
        {
            missing.ExceptWith(await FindAsync([.. kind], kind.Key, cancellationToken));
        }

        return missing;
    }

    /// <returns>False if the remote has no request for many objects.</returns>
    private async Task<bool> AskTogetherAsync(HashSet<ObjectId> wanted, HashSet<ObjectId> missing, CancellationToken cancellationToken)
    {
        foreach (var part in wanted.Chunk(ObjectsTogether))
        {
            if (await remote.ExistAsync([.. part.Select(w => w.RemoteName)], cancellationToken) is not { } known)
            {
                return false;
            }

            missing.ExceptWith(part.Where(p => known.Contains(p.RemoteName)));
        }

        return true;
    }

    private async Task<IEnumerable<ObjectId>> FindAsync(List<ObjectId> wanted, HashKind kind, CancellationToken cancellationToken)
    {
        var prefix = kind == HashKind.Md5 ? "files/md5/" : "";
        var found = new ConcurrentBag<ObjectId>();
        var set = new HashSet<ObjectId>(wanted);
        // With more names below 00 than this, listing everything is not worthwhile.
        var limit = Math.Max(1, (long)wanted.Count * remote.PageSize / PageWeight / SamplePrefixes);
        var sampled = await ReadAsync(prefix + "00/", set, found, limit, cancellationToken);
        if (sampled is null)
        {
            return await AskAsync(wanted, cancellationToken);
        }

        var pages = (double)sampled.Value * SamplePrefixes / remote.PageSize;
        if (pages < SamplePrefixes / (double)jobs)
        {
            await ReadAsync(prefix, set, found, long.MaxValue, cancellationToken);
        }
        else
        {
            await Parallel.ForAsync(
                1,
                SamplePrefixes,
                Options(cancellationToken),
                async (i, token) => await ReadAsync($"{prefix}{i:x2}/", set, found, long.MaxValue, token)
            );
        }

        return found;
    }

    /// <returns>The number of names, or null if it exceeds the limit.</returns>
    private async Task<long?> ReadAsync(
        string prefix,
        HashSet<ObjectId> wanted,
        ConcurrentBag<ObjectId> found,
        long limit,
        CancellationToken cancellationToken
    )
    {
        var count = 0L;
        await foreach (var item in remote.ListAsync(prefix, cancellationToken))
        {
            if (ObjectId.OfRemoteName(item.Name) is { } id && wanted.Contains(id))
            {
                found.Add(id);
            }

            if (++count > limit)
            {
                return null;
            }
        }

        return count;
    }

    /// <summary>Checks each object.</summary>
    private async Task<HashSet<ObjectId>> AskAsync(List<ObjectId> objects, CancellationToken cancellationToken)
    {
        if (objects.Count > 1 && await remote.ExistAsync([.. objects.Select(o => o.RemoteName)], cancellationToken) is { } known)
        {
            return [.. objects.Where(o => known.Contains(o.RemoteName))];
        }

        var there = new ConcurrentBag<ObjectId>();
        await Parallel.ForEachAsync(
            objects,
            Options(cancellationToken),
            async (id, token) =>
            {
                if (await remote.ExistsAsync(id.RemoteName, token))
                {
                    there.Add(id);
                }
            }
        );
        return [.. there];
    }

    private ParallelOptions Options(CancellationToken cancellationToken) =>
        new() { MaxDegreeOfParallelism = jobs, CancellationToken = cancellationToken };
}
