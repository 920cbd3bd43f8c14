using System.Collections.Concurrent;
using Serverless.Core;
using Serverless.Data.Files;
using Serverless.Data.Remotes;
using Serverless.Data.Repositories;

namespace Serverless.Data.Maintenance;

/// <summary>A missing or corrupt object.</summary>
/// <param name="State">`missing` or `corrupt`.</param>
/// <param name="RepairedFrom">The copy that replaced it, or null if it was not repaired.</param>
public sealed record ObjectFinding(ObjectId Id, string Name, string State, string? RepairedFrom);

/// <summary>
/// Checks the content that a repository uses, in its cache or in a remote, against its digest. Replaces missing and corrupt objects from
/// another copy, which is hashed first as well.
/// </summary>
public sealed class ObjectCheck(Repository repository, IReadOnlyList<(string Name, IRemote Remote)> copies, int? jobs = null)
{
    private readonly ConcurrentQueue<ObjectFinding> findings = [];
    private readonly int jobs = jobs ?? Math.Max(4, Environment.ProcessorCount);

    public int Checked { get; private set; }

    /// <summary>Checks the cache. Reports only corrupt objects, because a cache need not be complete.</summary>
    /// <param name="all">Also reports missing objects.</param>
    public async Task<IReadOnlyList<ObjectFinding>> CacheAsync(
        UsedSelection selection,
        bool repair,
        bool all,
        CancellationToken cancellationToken = default
    )
    {
        var cache = repository.Cache;
        var store = new FolderRemote(cache.Folder);
        await EachAsync(
            await WantedAsync(selection, cancellationToken),
            async (id, name, token) =>
            {
                var state = await StateAsync(store, id, token);
                if (state is null || (state == "missing" && !all))
                {
                    return;
                }

                string? from = null;
                foreach (var copy in repair ? copies : [])
                {
                    if (await StateAsync(copy.Remote, id, token) is null)
                    {
                        TemporaryFiles.TryDelete(cache.PathOf(id.Digest, id.Kind));
                        if ((await new ObjectDownload(copy.Remote, cache, 1).FetchOneAsync(id, token)) is not null)
                        {
                            from = copy.Name;
                            break;
                        }
                    }
                }

                findings.Enqueue(new ObjectFinding(id, name, state, from));
            },
            cancellationToken
        );
        return [.. findings];
    }

    /// <summary>Checks a remote and repairs it from the cache and the other remotes.</summary>
    public async Task<IReadOnlyList<ObjectFinding>> RemoteAsync(
        IRemote remote,
        UsedSelection selection,
        bool repair,
        CancellationToken cancellationToken = default
    )
    {
        var sources = ((string Name, IRemote Remote)[])[("the cache", new FolderRemote(repository.Cache.Folder)), .. copies];
        await EachAsync(
            await WantedAsync(selection, cancellationToken),
            async (id, name, token) =>
            {
                if (await StateAsync(remote, id, token) is not { } state)
                {
                    return;
                }

                string? from = null;
                foreach (var source in repair ? sources : [])
                {
                    if (await StateAsync(source.Remote, id, token) is null)
                    {
                        await CopyAsync(source.Remote, remote, id, token);
                        from = source.Name;
                        break;
                    }
                }

                findings.Enqueue(new ObjectFinding(id, name, state, from));
            },
            cancellationToken
        );
        return [.. findings];
    }

    /// <summary>Lists everything that the selection uses, files before the listings that contain them.</summary>
    private async Task<List<(ObjectId Id, string Name)>> WantedAsync(UsedSelection selection, CancellationToken cancellationToken)
    {
        var files = new Dictionary<ObjectId, string>();
        var listings = new Dictionary<ObjectId, string>();
        foreach (var used in UsedObjects.Collect(repository, selection, cancellationToken))
        {
            if (!used.Id.IsDirectory)
            {
                files.TryAdd(used.Id, used.Name);
                continue;
            }

            listings.TryAdd(used.Id, used.Name + "/");
            if (await ListingAsync(used.Id, cancellationToken) is { } listing)
            {
                foreach (var file in listing.Files)
                {
                    files.TryAdd(new ObjectId(file.Digest, false, used.Id.Kind), $"{used.Name}/{file.Path}");
                }
            }
        }

        return [.. files.Select(f => (f.Key, f.Value)), .. listings.Select(l => (l.Key, l.Value))];
    }

    private async Task<DirectoryListing?> ListingAsync(ObjectId id, CancellationToken cancellationToken)
    {
        foreach (var source in copies.Select(c => c.Remote).Prepend(new FolderRemote(repository.Cache.Folder)))
        {
            if (
                await StateAsync(source, id, cancellationToken) is null
                && await source.OpenAsync(id.RemoteName, cancellationToken) is { } body
            )
            {
                await using (body)
                {
                    return DirectoryListing.Read(body, id.Digest);
                }
            }
        }

        return null;
    }

    /// <returns>Null if the object exists and is intact.</returns>
    private static async Task<string?> StateAsync(IRemote remote, ObjectId id, CancellationToken cancellationToken)
    {
        Stream? body;
        try
        {
            body = await remote.OpenAsync(id.RemoteName, cancellationToken);
        }
        catch (UnauthorizedAccessException)
        {
            return "corrupt";
        }

        if (body is null)
        {
            return "missing";
        }

        try
        {
            await using (body)
            {
                var kind = id.IsDirectory ? HashKind.Md5 : id.Kind;
                return FileHash.Of(body, kind, cancellationToken) == id.Hash ? null : "corrupt";
            }
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            // The platform aborts a download whose content does not match its name.
            return "corrupt";
        }
    }

    private static async Task CopyAsync(IRemote from, IRemote to, ObjectId id, CancellationToken cancellationToken)
    {
        var temporary = Path.Combine(Path.GetTempPath(), "mlops-" + Ids.NewId());
        try
        {
            await using var file = new FileStream(temporary, FileMode.CreateNew, FileAccess.ReadWrite);
            await using (var body = await from.OpenAsync(id.RemoteName, cancellationToken))
            {
                await body!.CopyToAsync(file, cancellationToken);
            }

            file.Position = 0;
            var md5 = await System.Security.Cryptography.MD5.HashDataAsync(file, cancellationToken);
            file.Position = 0;
            await to.PutAsync(id.RemoteName, file, file.Length, md5, cancellationToken);
        }
        finally
        {
            TemporaryFiles.TryDelete(temporary);
        }
    }

    private async Task EachAsync(
        List<(ObjectId Id, string Name)> wanted,
        Func<ObjectId, string, CancellationToken, Task> check,
        CancellationToken cancellationToken
    )
    {
        Checked = wanted.Count;
        foreach (
            var part in (IEnumerable<(ObjectId Id, string Name)>[])
                [wanted.Where(w => !w.Id.IsDirectory), wanted.Where(w => w.Id.IsDirectory)]
        )
        {
            await Parallel.ForEachAsync(
                part,
                new ParallelOptions { MaxDegreeOfParallelism = jobs, CancellationToken = cancellationToken },
                async (item, token) => await check(item.Id, item.Name, token)
            );
        }
    }
}
