namespace Serverless.Data;

/// <summary>Fetches what a path of another repository needs, and nothing else, from that repository's own remote.</summary>
public static class TreeFetch
{
    /// <summary>False if the cache held all of it.</summary>
    public static async Task<bool> RunAsync(RepositoryTree tree, string inside, CancellationToken cancellationToken = default)
    {
        var cache = tree.Repository.Cache;
        var missing = tree.Items
            .Where(i => i.Digest is not null && (IsBelow(i.Path, inside) || IsBelow(inside, i.Path)) && !cache.Contains(i.Digest, i.Kind))
            .ToList();
        if (missing.Count == 0 || tree.Repository.Config.DefaultRemote is null)
        {
            return false;
        }

        await using var remote = RemoteFactory.Open(tree.Repository.Config);
        var download = new ObjectDownload(remote, cache);
        await download.FetchAsync(missing.Where(i => !i.IsDirectory).Select(i => ObjectId.Parse(i.Digest!, i.Kind)), cancellationToken: cancellationToken).ConfigureAwait(false);
        foreach (var folder in missing.Where(i => i.IsDirectory))
        {
            await download.FetchAsync([ObjectId.Parse(folder.Digest!, folder.Kind)], path => IsBelow($"{folder.Path}/{path}", inside), cancellationToken).ConfigureAwait(false);
        }

        tree.Refresh(cancellationToken);
        return true;
    }

    private static bool IsBelow(string path, string folder) => folder.Length == 0 || path == folder || path.StartsWith(folder + "/", StringComparison.Ordinal);
}
