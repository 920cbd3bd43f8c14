using Serverless.Core;
using Serverless.Data.Cache;
using Serverless.Data.Files;
using Serverless.Data.Repositories;
using Serverless.Storage.Content;

namespace Serverless.Data.Outputs;

/// <summary>The changes of a checkout: paths within the output, empty for the output itself.</summary>
public sealed record CheckoutResult(IReadOnlyList<string> Added, IReadOnlyList<string> Modified, IReadOnlyList<string> Deleted)
{
    public static CheckoutResult None { get; } = new([], [], []);

    /// <summary>Gets a value that indicates whether nothing existed before.</summary>
    public bool IsNew => Added is [""];

    /// <summary>Gets the number of files in a new output.</summary>
    public int FileCount { get; init; } = 1;

    public bool IsNone => Added.Count + Modified.Count + Deleted.Count == 0;
}

/// <summary>
/// Writes content of the cache to the workspace and touches only what differs. Refuses to overwrite content that is not in the cache
/// unless forced. Finds everything needed in the cache before removing anything.
/// </summary>
public sealed class Checkout(Repository repository)
{
    private readonly ContentReader reader = new(repository);
    private readonly FileLayer layer = new(repository);

    /// <param name="relink">Writes every file again with the configured kind of link.</param>
    public CheckoutResult Restore(
        ContentRef wanted,
        HashKind kind,
        string path,
        bool force = false,
        bool relink = false,
        CancellationToken cancellationToken = default
    )
    {
        var stat = FileStat.Of(path, follow: false);
        return wanted.IsDirectory
            ? RestoreFolder(wanted, kind, path, stat, force, relink, cancellationToken)
            : RestoreFile(wanted, kind, path, stat, force, relink, cancellationToken);
    }

    /// <summary>Restores one file or folder within a folder output and leaves the rest unchanged.</summary>
    public CheckoutResult RestorePart(
        ContentRef wanted,
        HashKind kind,
        string path,
        string inside,
        bool force = false,
        CancellationToken cancellationToken = default
    )
    {
        Needed([wanted.Digest], kind);
        var files = repository
            .Cache.OpenListing(wanted.Digest, kind)
            .Files.Where(f => f.Path == inside || f.Path.StartsWith(inside + "/", StringComparison.Ordinal))
            .ToList();
        if (files.Count == 0)
        {
            throw ServerlessException.NotFound($"'{inside}' is not in '{Path.GetRelativePath(Environment.CurrentDirectory, path)}'.");
        }

        var (added, modified) = (new List<string>(), new List<string>());
        Needed(files.Select(f => f.Digest.ToString()).Distinct(), kind);
        foreach (var file in files)
        {
            var result = RestoreFile(
                new ContentRef(file.Digest.ToString(), 0),
                kind,
                path + "/" + file.Path,
                FileStat.Of(path + "/" + file.Path, follow: false),
                force,
                relink: false,
                cancellationToken
            );
            added.AddRange(result.Added.Select(_ => file.Path));
            modified.AddRange(result.Modified.Select(_ => file.Path));
        }

        return new CheckoutResult(added, modified, []);
    }

    /// <summary>Removes an output that no pointer refers to any more. Refuses to if its content would be lost.</summary>
    public void Remove(string path, HashKind kind = HashKind.Md5, bool force = false, CancellationToken cancellationToken = default)
    {
        if (FileStat.Of(path, follow: false) is not { } stat)
        {
            return;
        }

        if (!force)
        {
            Keep(path, kind, cancellationToken);
        }

        if (stat.IsDirectory)
        {
            Directory.Delete(path, recursive: true);
        }
        else
        {
            File.Delete(path);
        }
    }

    private CheckoutResult RestoreFile(
        ContentRef wanted,
        HashKind kind,
        string path,
        FileStat? stat,
        bool force,
        bool relink,
        CancellationToken cancellationToken
    )
    {
        var now = stat is null ? null : reader.Read(path, kind, cancellationToken);
        if (now?.Reference.Digest == wanted.Digest && !relink)
        {
            layer.SetExecutable(path, wanted.IsExecutable);
            return CheckoutResult.None;
        }

        Needed([wanted.Digest], kind);
        if (now?.Reference.Digest != wanted.Digest)
        {
            Remove(path, stat, now, kind, force);
        }

        layer.Lay(Md5Digest.Parse(wanted.Digest), kind, path, wanted.IsExecutable);
        return now?.Reference.Digest == wanted.Digest ? CheckoutResult.None
            : stat is null ? new CheckoutResult([""], [], [])
            : new CheckoutResult([], [""], []);
    }

    // Writing the new file replaces the old one atomically; only a folder must be removed first.
    private void Remove(string path, FileStat? stat, WorkspaceContent? now, HashKind kind, bool force)
    {
        if (stat is null)
        {
            return;
        }

        if (!force && now is not null)
        {
            Keep(path, now, kind);
        }

        if (stat is { IsDirectory: true })
        {
            Directory.Delete(path, recursive: true);
        }
    }

    private CheckoutResult RestoreFolder(
        ContentRef wanted,
        HashKind kind,
        string path,
        FileStat? stat,
        bool force,
        bool relink,
        CancellationToken cancellationToken
    )
    {
        Needed([wanted.Digest], kind);
        var listing = repository.Cache.OpenListing(wanted.Digest, kind);
        var isFolder = FileStat.Of(path) is { IsDirectory: true };
        var now = stat is null ? null : reader.Read(path, kind, cancellationToken);
        if (now?.Reference.Digest == wanted.Digest && !relink)
        {
            return CheckoutResult.None;
        }

        var changes = FolderChanges.Between(isFolder ? now?.Listing : null, listing);
        var laid = relink ? listing.Files : [.. changes.Added, .. changes.Modified];
        Needed(laid.Select(f => f.Digest.ToString()).Distinct(), kind);
        if (!force && now is not null)
        {
            if (!isFolder)
            {
                Keep(path, now, kind);
            }

            Keep(path, [.. changes.Lost], kind);
        }

        if (stat is not null && !isFolder)
        {
            File.Delete(path);
        }

        Directory.CreateDirectory(path);
        foreach (var file in changes.Deleted)
        {
            File.Delete(path + "/" + file.Path);
            RemoveEmpty(path, file.Path);
        }

        Parallel.ForEach(
            laid,
            new ParallelOptions { CancellationToken = cancellationToken, MaxDegreeOfParallelism = Environment.ProcessorCount },
            file => layer.Lay(file.Digest, kind, path + "/" + file.Path)
        );
        return stat is null
            ? new CheckoutResult([""], [], []) { FileCount = listing.Files.Count }
            : new CheckoutResult(
                [.. changes.Added.Select(f => f.Path)],
                [.. changes.Modified.Select(f => f.Path)],
                [.. changes.Deleted.Select(f => f.Path)]
            );
    }

    private void Needed(IEnumerable<string> digests, HashKind kind)
    {
        foreach (var digest in digests)
        {
            if (!repository.Cache.Contains(digest, kind))
            {
                throw LocalCache.Missing(digest);
            }
        }
    }

    private void Keep(string path, HashKind kind, CancellationToken cancellationToken)
    {
        if (reader.Read(path, kind, cancellationToken) is { } now)
        {
            Keep(path, now, kind);
        }
    }

    private void Keep(string path, WorkspaceContent now, HashKind kind) =>
        Keep(path, now.Listing?.Files ?? [new DirectoryFile("", Md5Digest.Parse(now.Reference.Digest))], kind);

    private void Keep(string path, IReadOnlyList<DirectoryFile> lost, HashKind kind)
    {
        foreach (var file in lost)
        {
            if (!repository.Cache.Contains(file.Digest.ToString(), kind))
            {
                var name = Path.GetRelativePath(Environment.CurrentDirectory, path) + (file.Path.Length > 0 ? "/" + file.Path : "");
                throw ServerlessException.Conflict(
                    $"unable to remove '{name}' without a confirmation. Use `-f` to force.",
                    "Its content is not in the cache. Run `mlops add` to keep it."
                );
            }
        }
    }

    private static void RemoveEmpty(string folder, string file)
    {
        for (var slash = file.LastIndexOf('/'); slash > 0; slash = file.LastIndexOf('/', slash - 1))
        {
            var above = folder + "/" + file[..slash];
            if (Directory.EnumerateFileSystemEntries(above).Any())
            {
                return;
            }

            Directory.Delete(above);
        }
    }
}
