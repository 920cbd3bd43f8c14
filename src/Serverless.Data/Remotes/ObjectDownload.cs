using System.Buffers;
using System.Security.Cryptography;
using Serverless.Core;
using Serverless.Data.Cache;
using Serverless.Data.Files;

namespace Serverless.Data.Remotes;

/// <summary>
/// Downloads objects of a remote into the local cache. Everything is hashed as it arrives; content that does not match its name is
/// rejected and requested once more. A folder's listing is named in the cache only after all its files.
/// </summary>
public sealed class ObjectDownload(IRemote remote, LocalCache cache, int? jobs = null, IProgress<TransferProgress>? progress = null)
{
    private const int BufferBytes = 128 * 1024;
    private readonly int jobs = jobs ?? remote.DefaultJobs;

    /// <param name="objects">The files and folders.</param>
    /// <param name="only">The files of the folders to fetch; null for all. A partially fetched folder still keeps its listing.</param>
    public async Task<TransferSummary> FetchAsync(
        IEnumerable<ObjectId> objects,
        Func<string, bool>? only = null,
        CancellationToken cancellationToken = default
    )
    {
        var wanted = objects.Distinct().ToList();
        var listings = new List<(ObjectId Id, string Temporary)>();
        try
        {
            var absent = wanted.Where(w => w.IsDirectory && !cache.Contains(w.Digest, w.Kind)).ToList();
            var first = new Transfer(jobs, absent.Count, null);
            await first.RunAsync(
                absent,
                async (id, token) =>
                {
                    var temporary = cache.TemporaryPath(id.Digest, id.Kind);
                    var length = await ReceiveAsync(id, temporary, token);
                    lock (listings)
                    {
                        if (length is not null)
                        {
                            listings.Add((id, temporary));
                        }
                    }

                    return length;
                },
                cancellationToken
            );

            var files = new HashSet<ObjectId>(wanted.Where(w => !w.IsDirectory && !cache.Contains(w.Digest, w.Kind)));
            foreach (var id in wanted.Where(w => w.IsDirectory))
            {
                var temporary = listings.Find(l => l.Id == id).Temporary;
                if (temporary is null && !cache.Contains(id.Digest, id.Kind))
                {
                    continue;
                }

                foreach (var file in Read(id, temporary).Files)
                {
                    var content = new ObjectId(file.Digest, false, id.Kind);
                    if ((only is null || only(file.Path)) && !cache.Contains(content.Digest, id.Kind))
                    {
                        files.Add(content);
                    }
                }
            }

            var transfer = new Transfer(jobs, files.Count, progress);
            await transfer.RunAsync(files, FetchOneAsync, cancellationToken);
            foreach (var (id, temporary) in listings)
            {
                cache.Commit(temporary, id.Digest, id.Kind);
            }

            listings.Clear();
            return first.Summary + transfer.Summary;
        }
        finally
        {
            listings.ForEach(l => TemporaryFiles.TryDelete(l.Temporary));
        }
    }

    private DirectoryListing Read(ObjectId id, string? temporary)
    {
        if (temporary is null)
        {
            return cache.OpenListing(id.Digest, id.Kind);
        }

        using var file = File.OpenRead(temporary);
        return DirectoryListing.Read(file, id.Digest);
    }

    internal async Task<long?> FetchOneAsync(ObjectId id, CancellationToken cancellationToken)
    {
        var temporary = cache.TemporaryPath(id.Digest, id.Kind);
        var length = await ReceiveAsync(id, temporary, cancellationToken);
        if (length is not null)
        {
            cache.Commit(temporary, id.Digest, id.Kind);
        }

        return length;
    }

    /// <summary>Receives an object into a file. Returns null if the remote does not have it.</summary>
    private async Task<long?> ReceiveAsync(ObjectId id, string path, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var (length, isRight) = await DownloadAsync(id, path, cancellationToken);
                if (isRight || length is null)
                {
                    return length;
                }
            }
            catch (Exception e)
                when (e is HttpRequestException or IOException and not (FileNotFoundException or DirectoryNotFoundException)
                    && attempt == 1
                    && !IsFull(e)
                )
            {
                // The connection broke: request the object once more, as with wrong content.
            }
            catch
            {
                TemporaryFiles.TryDelete(path);
                throw;
            }

            TemporaryFiles.TryDelete(path);
            if (attempt == 2)
            {
                throw new ServerlessException(
                    ErrorCodes.InvalidState,
                    $"The content of the remote's object {id} does not match its name. It was rejected twice.",
                    "Replace it from another copy with `mlops fsck -c --repair`, or delete it from the remote and push it again from "
                        + "its origin."
                );
            }
        }
    }

    // A full disk is a clear error, and a retry would not help.
    private static bool IsFull(Exception e) => e is IOException { HResult: 28 or unchecked((int)0x80070070) };

    private async Task<(long? Length, bool IsRight)> DownloadAsync(ObjectId id, string path, CancellationToken cancellationToken)
    {
        await using var body = await remote.OpenAsync(id.RemoteName, cancellationToken);
        if (body is null)
        {
            return (null, false);
        }

        var length = 0L;
        using var md5 = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            await using var file = LocalCache.Create(path);
            int read;
            while ((read = await body.ReadAsync(buffer, cancellationToken)) > 0)
            {
                md5.AppendData(buffer, 0, read);
                file.Write(buffer, 0, read);
                length += read;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        var isRight =
            id.Kind == HashKind.Md5 || id.IsDirectory
                ? md5.GetHashAndReset().AsSpan().SequenceEqual(id.HashBytes())
                : FileHash.Of(path, id.Kind, cancellationToken).ToString() == id.Digest;
        return (length, isRight);
    }
}
