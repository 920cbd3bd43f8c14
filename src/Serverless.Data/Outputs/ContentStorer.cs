using System.Buffers;
using System.Security.Cryptography;
using Serverless.Data.Cache;
using Serverless.Data.Files;
using Serverless.Data.Repositories;
using Serverless.Storage.Content;

namespace Serverless.Data.Outputs;

/// <summary>Stores a file of the workspace in the cache and reads it only once: what was hashed is what is stored.</summary>
internal sealed class ContentStorer(Repository repository)
{
    private const int SmallFile = 1 << 20;
    private const int BlockSize = 1 << 20;

    /// <param name="known">The digest, if already known; then only the copy is missing.</param>
    public Md5Digest Store(string path, long size, Md5Digest? known, CancellationToken cancellationToken) =>
        size <= SmallFile ? StoreSmall(path, cancellationToken) : StoreLarge(path, known, cancellationToken);

    private Md5Digest StoreSmall(string path, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var buffer = ArrayPool<byte>.Shared.Rent(SmallFile + 1);
        try
        {
            int length;
            using (var file = File.OpenHandle(path))
            {
                for (length = 0; RandomAccess.Read(file, buffer.AsSpan(length), length) is > 0 and var read; length += read)
                {
                    if (length + read > SmallFile)
                    {
                        throw FolderScan.Changed(repository.Relative(path));
                    }
                }
            }

            Span<byte> hash = stackalloc byte[Md5Digest.Bytes];
            MD5.HashData(buffer.AsSpan(0, length), hash);
            var digest = Md5Digest.From(hash);
            repository.Cache.Put(digest.ToString(), to => to.Write(buffer, 0, length));
            return digest;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private Md5Digest StoreLarge(string path, Md5Digest? known, CancellationToken cancellationToken)
    {
        var cache = repository.Cache;
        var temporary = cache.TemporaryPath();
        try
        {
            Md5Digest digest;
            if (FileLinks.TryClone(path, temporary))
            {
                // The clone is a snapshot of the file: nobody can change it while it is hashed.
                digest = known ?? FileHash.Of(temporary, HashKind.Md5, cancellationToken);
            }
            else
            {
                using var from = new FileStream(path, new FileStreamOptions { BufferSize = 0, Options = FileOptions.SequentialScan });
                using var to = LocalCache.Create(temporary);
                digest = CopyHashed(from, to, cancellationToken);
            }

            cache.Commit(temporary, digest.ToString());
            return digest;
        }
        catch
        {
            TemporaryFiles.TryDelete(temporary);
            throw;
        }
    }

    // Hashing and writing take about equally long; in parallel they take the time of one.
    private static Md5Digest CopyHashed(Stream from, Stream to, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
        var (block, other) = (new byte[BlockSize], new byte[BlockSize]);
        var writing = Task.CompletedTask;
        try
        {
            int read;
            while ((read = from.Read(block)) > 0)
            {
                cancellationToken.ThrowIfCancellationRequested();
                writing.GetAwaiter().GetResult();
                var (written, length) = (block, read);
                writing = Task.Run(() => to.Write(written, 0, length), CancellationToken.None);
                hash.AppendData(block, 0, read);
                (block, other) = (other, block);
            }
        }
        finally
        {
            // The file must not be closed during a write in progress.
            Task.WaitAny([writing], CancellationToken.None);
        }

        writing.GetAwaiter().GetResult();
        return Md5Digest.From(hash.GetHashAndReset());
    }
}
