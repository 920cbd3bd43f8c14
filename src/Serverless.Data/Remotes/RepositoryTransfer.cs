using Serverless.Data.Repositories;

namespace Serverless.Data.Remotes;

/// <summary>Pushes, fetches and compares a repository: decides which content goes to or comes from which remote.</summary>
public sealed class RepositoryTransfer(
    Repository repository,
    string? remoteName = null,
    int? jobs = null,
    IProgress<TransferProgress>? progress = null
)
{
    public async Task<(TransferSummary Summary, int RunCache)> PushAsync(
        UsedSelection selection,
        bool runCache = false,
        CancellationToken cancellationToken = default
    )
    {
        var (total, entries) = (TransferSummary.None, 0);
        await EachAsync(
            Collect(selection, cancellationToken).Where(u => u.IsPushed),
            runCache,
            async (remote, used) =>
            {
                entries += runCache ? await new RunCacheTransfer(remote, repository.Cache, jobs).PushAsync(cancellationToken) : 0;
                total += await new ObjectUpload(remote, repository.Cache, Index(remote), jobs, progress).PushAsync(
                    Whole(used),
                    cancellationToken
                );
            }
        );
        return (total, entries);
    }

    public async Task<(TransferSummary Summary, int RunCache)> FetchAsync(
        UsedSelection selection,
        bool runCache = false,
        CancellationToken cancellationToken = default
    )
    {
        var (total, entries) = (TransferSummary.None, 0);
        var all = Collect(selection, cancellationToken).ToLookup(u => u.Import is not null);
        // Imports alone need no remote of this repository.
        var own = all[true].Any() && !all[false].Any() && !runCache ? null : all[false];
        await EachAsync(
            own,
            runCache,
            async (remote, used) =>
            {
                entries += runCache ? await new RunCacheTransfer(remote, repository.Cache, jobs).FetchAsync(cancellationToken) : 0;
                var download = new ObjectDownload(remote, repository.Cache, jobs, progress);
                total += await download.FetchAsync(
                    used.Where(u => u.Inside is null).Select(u => u.Id),
                    cancellationToken: cancellationToken
                );
                foreach (var parts in used.Where(u => u.Inside is not null).GroupBy(u => u.Id))
                {
                    total += await download.FetchAsync(
                        [parts.Key],
                        path => parts.Any(p => path == p.Inside || path.StartsWith(p.Inside + "/", StringComparison.Ordinal)),
                        cancellationToken
                    );
                }
            }
        );
        total += await new ImportFetch(repository).RunAsync(all[true], cancellationToken);
        return (total, entries);
    }

    /// <summary>
    /// Returns the differences between cache and remote by output and file: `new` is only here, `deleted` only there, `missing` nowhere.
    /// </summary>
    public async Task<IReadOnlyDictionary<string, string>> CompareAsync(
        UsedSelection selection,
        CancellationToken cancellationToken = default
    )
    {
        var states = new SortedDictionary<string, string>(StringComparer.Ordinal);
        await EachAsync(
            Collect(selection, cancellationToken).Where(u => u.IsPushed),
            runCache: false,
            async (remote, used) =>
            {
                var (files, folders) = new ObjectUpload(remote, repository.Cache).Expand(Whole(used));
                var missing = await new RemoteInventory(remote, Index(remote), jobs).FindMissingAsync(files, folders, cancellationToken);
                foreach (var item in used)
                {
                    Tell(item.Id, item.Name);
                    if (item.Id.IsDirectory && repository.Cache.Contains(item.Id.Digest, item.Id.Kind))
                    {
                        foreach (var file in repository.Cache.OpenListing(item.Id.Digest, item.Id.Kind).Files)
                        {
                            Tell(new ObjectId(file.Digest, false, item.Id.Kind), $"{item.Name}/{file.Path}");
                        }
                    }
                }

                void Tell(ObjectId id, string name)
                {
                    var isHere = repository.Cache.Contains(id.Digest, id.Kind);
                    if (isHere == missing.Contains(id))
                    {
                        states[name] = isHere ? "new" : "deleted";
                    }
                    else if (!isHere)
                    {
                        states[name] = "missing";
                    }
                }
            }
        );
        return states;
    }

    // A part of a folder cannot be pushed without the folder's listing.
    private static IEnumerable<ObjectId> Whole(IEnumerable<UsedObject> used) => used.Select(u => u.Id);

    private RemoteIndex Index(IRemote remote) => new(repository.TemporaryFolder, remote);

    // An output with its own remote is unrelated to any other remote.
    private IEnumerable<UsedObject> Collect(UsedSelection selection, CancellationToken cancellationToken) =>
        UsedObjects
            .Collect(repository, selection, cancellationToken)
            .Where(u => remoteName is null || u.Remote is null || u.Remote == remoteName);

    /// <param name="used">Null for nothing at all; an empty list still checks that there is a remote.</param>
    private async Task EachAsync(IEnumerable<UsedObject>? used, bool runCache, Func<IRemote, List<UsedObject>, Task> work)
    {
        if (used is null)
        {
            return;
        }

        var main = remoteName ?? repository.Config.DefaultRemote;
        var groups = used.GroupBy(u => u.Remote ?? main ?? "").ToDictionary(g => g.Key, g => g.ToList(), StringComparer.Ordinal);
        if (runCache || groups.Count == 0)
        {
            groups.TryAdd(main ?? "", []);
        }

        foreach (var (name, group) in groups)
        {
            await using var remote = RemoteFactory.Open(repository.Config, name.Length == 0 ? null : name);
            await work(remote, group);
        }
    }
}
