using Serverless.Data.Operations;

namespace Serverless.Data.Remotes;

/// <summary>Fetches only what a path of another repository needs, from that repository's own remote.</summary>
public static class TreeFetch
{
    /// <param name="remoteName">The remote; null for the repository's default.</param>
    /// <returns>The number of fetched files.</returns>
    public static async Task<int> RunAsync(
        RepositoryTree tree,
        string inside,
        string? remoteName = null,
        CancellationToken cancellationToken = default
    )
    {
        var cache = tree.Repository.Cache;
        var needed = tree.Items.Where(i => i.Digest is not null && (IsBelow(i.Path, inside) || IsBelow(inside, i.Path))).ToList();
        var missing = needed.Where(i => !cache.Contains(i.Digest!, i.Kind)).ToList();
        if (missing.Count == 0 || (remoteName ?? tree.Config.DefaultRemote) is null)
        {
            return 0;
        }

        await using var remote = RemoteFactory.Open(tree.Config, remoteName);
        var download = new ObjectDownload(remote, cache);
        var count = (
            await download.FetchAsync(
                missing.Where(i => !i.IsDirectory).Select(i => ObjectId.Parse(i.Digest!, i.Kind)),
                cancellationToken: cancellationToken
            )
        ).Count;
        foreach (var folder in missing.Where(i => i.IsDirectory))
        {
            var got = await download.FetchAsync(
                [ObjectId.Parse(folder.Digest!, folder.Kind)],
                path => IsBelow($"{folder.Path}/{path}", inside),
                cancellationToken
            );
            count += got.Count - (cache.Contains(folder.Digest!, folder.Kind) ? 1 : 0);
        }

        tree.Refresh(cancellationToken);
        return count;
    }

    private static bool IsBelow(string path, string folder) =>
        folder.Length == 0 || path == folder || path.StartsWith(folder + "/", StringComparison.Ordinal);
}
