using Serverless.Core;
using Serverless.Data.Files;
using Serverless.Data.Repositories;
using Serverless.Storage.Content;

namespace Serverless.Data.Outputs;

/// <summary>The content of a path in the workspace.</summary>
/// <param name="Reference">The digest, size and number of files, as a pointer records them.</param>
/// <param name="Listing">The files of a folder.</param>
public sealed record WorkspaceContent(ContentRef Reference, DirectoryListing? Listing = null);

/// <summary>
/// Determines the content of files and folders of a repository: uses known digests first, hashes the rest in parallel, and stores it on
/// request.
/// </summary>
public sealed class ContentReader(Repository repository)
{
    private readonly ContentStorer storer = new(repository);

    /// <summary>Called between reading a file and checking whether it changed, so that tests can change it there.</summary>
    internal Action<string>? BeforeCheck { get; set; }

    /// <summary>Reads a path. Returns null if nothing exists there.</summary>
    public WorkspaceContent? Read(string path, HashKind kind = HashKind.Md5, CancellationToken cancellationToken = default) =>
        Read(path, kind, store: false, cancellationToken);

    /// <summary>Reads a path and stores its content in the cache, a folder's files before its listing.</summary>
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

    // With a million files, every byte per file counts: the path, the digest, and eight bytes that tell whether it changed.
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
                $"Cannot read '{repository.Relative(path)}': permission denied.",
                "Grant this user read permission.",
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

    // Each file was compared; only another scan shows files that appeared or disappeared meanwhile.
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
            // One error is reported; the others usually have the same cause, such as a full disk.
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(several.Flatten().InnerExceptions[0]);
        }
    }
}
