using Serverless.Core;
using Serverless.Data.Files;
using Serverless.Data.Repositories;
using Serverless.Storage.Content;

namespace Serverless.Data.Outputs;

/// <summary>What a path of the workspace holds.</summary>
/// <param name="Reference">Digest, size, number of files as a pointer records them.</param>
/// <param name="Listing">A folder's files.</param>
public sealed record WorkspaceContent(ContentRef Reference, DirectoryListing? Listing = null);

/// <summary>
/// Finds out what files and folders of a repository hold: asks the state first, hashes the rest in parallel, and stores it if asked to.
/// </summary>
public sealed class ContentReader(Repository repository)
{
    private readonly ContentStorer storer = new(repository);

    /// <summary>Called between reading a file and looking whether it changed: tests change it there.</summary>
    internal Action<string>? BeforeCheck { get; set; }

    /// <summary>Null if there is nothing at the path.</summary>
    public WorkspaceContent? Read(string path, HashKind kind = HashKind.Md5, CancellationToken cancellationToken = default) =>
        Read(path, kind, store: false, cancellationToken);

    /// <summary>Reads the path and puts what it holds into the cache, a folder's files before its listing.</summary>
    public WorkspaceContent? Save(string path, CancellationToken cancellationToken = default) =>
        Read(path, HashKind.Md5, store: true, cancellationToken);

    private WorkspaceContent? Read(string path, HashKind kind, bool store, CancellationToken cancellationToken)
    {
        if (FileStat.Of(path) is not { } stat)
        {
            return null;
        }

        return stat.IsDirectory ? ReadFolder(path, kind, store, cancellationToken)
            : stat.IsFile
                ? new WorkspaceContent(
                    new ContentRef(
                        ReadFile(path, stat, kind, store, cancellationToken).ToString(),
                        stat.Size,
                        IsExecutable: stat.IsExecutable
                    )
                )
            : throw ServerlessException.Invalid($"'{path}' is neither a file nor a folder.");
    }

    // Of a million files each byte that is kept of one counts: its path, its digest, and eight bytes that tell whether it changed.
    private WorkspaceContent ReadFolder(string folder, HashKind kind, bool store, CancellationToken cancellationToken)
    {
        var (files, seen, unknown, size) = (new List<DirectoryFile>(), new List<ulong>(), new List<int>(), 0L);
        FolderScan.Visit(
            folder,
            repository.Ignore,
            file =>
            {
                size += file.Stat.Size;
                var known = repository.State.Find(file.Stat, kind);
                if (known is null || (store && !repository.Cache.Contains(known.Value.ToString())))
                {
                    unknown.Add(files.Count);
                    known = default(Md5Digest);
                }

                files.Add(new DirectoryFile(file.Path, known.Value));
                seen.Add(file.Stat.Fingerprint);
            },
            cancellationToken
        );

        repository.State.Reserve(unknown.Count);
        var digests = new Md5Digest[unknown.Count];
        ForEach(
            digests.Length,
            cancellationToken,
            i =>
            {
                var path = folder + "/" + files[unknown[i]].Path;
                digests[i] = FileStat.Of(path) is { IsFile: true } stat
                    ? ReadFile(path, stat, kind, store, cancellationToken)
                    : throw FolderScan.Changed(repository.Relative(path));
            }
        );
        for (var i = 0; i < digests.Length; i++)
        {
            files[unknown[i]] = files[unknown[i]] with { Digest = digests[i] };
        }

        if (unknown.Count > 0)
        {
            Unchanged(folder, files, seen, cancellationToken);
        }

        var listing = DirectoryListing.OfSorted(files);
        if (store)
        {
            repository.Cache.Put(listing);
        }

        return new WorkspaceContent(new ContentRef(listing.Digest, size, files.Count), listing);
    }

    private Md5Digest ReadFile(string path, in FileStat stat, HashKind kind, bool store, CancellationToken cancellationToken)
    {
        var from = repository.State.Now;
        var known = repository.State.Find(stat, kind);
        if (known is { } digest && (!store || repository.Cache.Contains(digest.ToString())))
        {
            return digest;
        }

        try
        {
            digest = store ? storer.Store(path, stat.Size, known, cancellationToken) : FileHash.Of(path, kind, cancellationToken);
        }
        catch (UnauthorizedAccessException e) when (FileStat.Of(path) is not null && e.Message.Contains(path, StringComparison.Ordinal))
        {
            throw new ServerlessException(
                ErrorCodes.PermissionDenied,
                $"'{repository.Relative(path)}' cannot be read: permission denied.",
                "Give this user the right to read it.",
                status: 403,
                inner: e
            );
        }
        catch (FileNotFoundException) when (!File.Exists(path))
        {
            throw FolderScan.Changed(repository.Relative(path));
        }

        BeforeCheck?.Invoke(path);
        if (FileStat.Of(path) is not { } after || !after.SameContent(stat))
        {
            throw FolderScan.Changed(repository.Relative(path));
        }

        repository.State.Record(stat, digest, from, kind);
        return digest;
    }

    // Each file was compared; what came or went meanwhile is seen only by looking again.
    private void Unchanged(string folder, List<DirectoryFile> before, List<ulong> seen, CancellationToken cancellationToken)
    {
        var count = 0;
        FolderScan.Visit(
            folder,
            repository.Ignore,
            file =>
                count +=
                    count < before.Count && before[count].Path == file.Path && seen[count] == file.Stat.Fingerprint
                        ? 1
                        : throw FolderScan.Changed(repository.Relative(folder)),
            cancellationToken
        );
        if (count != before.Count)
        {
            throw FolderScan.Changed(repository.Relative(folder));
        }
    }

    private void ForEach(int count, CancellationToken cancellationToken, Action<int> work)
    {
        var jobs = repository.Config.Number("core", "checksum_jobs") ?? Environment.ProcessorCount;
        if (count < 2 || jobs == 1)
        {
            for (var i = 0; i < count; i++)
            {
                work(i);
            }

            return;
        }

        try
        {
            Parallel.For(0, count, new ParallelOptions { MaxDegreeOfParallelism = jobs, CancellationToken = cancellationToken }, work);
        }
        catch (AggregateException several)
        {
            // One is told; the others are mostly the same: a full disk, a lost right.
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(several.Flatten().InnerExceptions[0]);
        }
    }
}
