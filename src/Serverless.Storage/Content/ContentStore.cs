using System.Security.Cryptography;
using Azure;
using Azure.Storage;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Serverless.Core;
using Serverless.Storage.Blobs;
using BlobInfo = Serverless.Storage.Blobs.BlobInfo;

namespace Serverless.Storage.Content;

/// <summary>
/// Stores content by digest in the layout of a DVC remote: `{workspace}/files/md5/ab/cdef…`. Existing objects are never rewritten, a
/// folder's `.dir` object is written after all its files, and every download is checked against its digest.
/// </summary>
public sealed class ContentStore
{
    private const int ParallelFiles = 8;
    private const int SmallBytes = 256 * 1024;
    private readonly BlobContainerClient container;
    private readonly string prefix;

    internal ContentStore(BlobContainerClient container, string workspace)
    {
        this.container = container;
        prefix = $"{workspace}/files/md5/";
    }

    /// <summary>Stores a file or a folder.</summary>
    public async Task<ContentRef> PutAsync(string path, CancellationToken cancellationToken = default)
    {
        if (!Directory.Exists(path))
        {
            return await PutFileAsync(path, cancellationToken);
        }

        var files = WorkspaceFiles.List(path);
        var entries = new DirectoryEntry[files.Count];
        var size = 0L;
        await Parallel.ForAsync(
            0,
            files.Count,
            Options(cancellationToken),
            async (i, token) =>
            {
                var stored = await PutFileAsync(Path.Combine(path, files[i]), token);
                entries[i] = new DirectoryEntry(files[i], stored.Digest);
                Interlocked.Add(ref size, stored.Size);
            }
        );
        return await PutDirectoryObjectAsync(entries, size, cancellationToken);
    }

    public async Task<ContentRef> PutBytesAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken = default)
    {
        var digest = Convert.ToHexStringLower(MD5.HashData(bytes.Span));
        await UploadAsync(digest, BinaryData.FromBytes(bytes).ToStream(), bytes.Length, cancellationToken);
        return new ContentRef(digest, bytes.Length);
    }

    /// <summary>Reads a small object whole and checks its digest.</summary>
    public async Task<byte[]> ReadAsync(string digest, CancellationToken cancellationToken = default)
    {
        try
        {
            var answer = await Blob(digest).DownloadContentAsync(cancellationToken);
            var bytes = answer.Value.Content.ToArray();
            return Convert.ToHexStringLower(MD5.HashData(bytes)) == Bare(digest) ? bytes : throw Corrupt(digest);
        }
        catch (Exception e) when (Fault(e, digest) is { } fault)
        {
            throw fault;
        }
    }

    public async Task<IReadOnlyList<DirectoryEntry>> ListAsync(string digest, CancellationToken cancellationToken = default) =>
        DirectoryObject.Parse(await ReadAsync(digest, cancellationToken));

    /// <summary>Returns a file or folder within a stored folder as separate content.</summary>
    public async Task<ContentRef> FindInsideAsync(ContentRef folder, string path, CancellationToken cancellationToken = default)
    {
        if (!folder.IsDirectory)
        {
            throw ServerlessException.Invalid($"'{path}' was requested inside a file. Only a folder has paths.");
        }

        var entries = await ListAsync(folder.Digest, cancellationToken);
        if (entries.FirstOrDefault(e => e.RelativePath == path) is { } file)
        {
            return new ContentRef(file.Digest, 0);
        }

        var below = entries
            .Where(e => e.RelativePath.StartsWith(path + "/", StringComparison.Ordinal))
            .Select(e => e with { RelativePath = e.RelativePath[(path.Length + 1)..] })
            .ToList();
        if (below.Count == 0)
        {
            throw ServerlessException.NotFound(
                $"The folder does not contain '{path}'.",
                $"It contains: {string.Join(", ", entries.Take(10).Select(e => e.RelativePath))}."
            );
        }

        return await PutDirectoryObjectAsync(below, 0, cancellationToken);
    }

    public async Task<bool> ExistsAsync(string digest, CancellationToken cancellationToken = default)
    {
        try
        {
            return await Blob(digest).ExistsAsync(cancellationToken);
        }
        catch (Exception e) when (Fault(e, digest) is { } fault)
        {
            throw fault;
        }
    }

    /// <returns>Null if the store does not contain it.</returns>
    public Task<BlobInfo?> FindAsync(string digest, CancellationToken cancellationToken = default) =>
        BlobReader.FindAsync(Blob(digest), cancellationToken);

    /// <summary>
    /// Opens an object as a stream. If the stream is read to its end, the content is checked against its digest on the way.
    /// </summary>
    /// <returns>Null if the store does not contain it.</returns>
    public async Task<BlobContent?> OpenAsync(string digest, ByteRange? range = null, CancellationToken cancellationToken = default) =>
        await BlobReader.OpenAsync(Blob(digest), range, cancellationToken) is not { } content ? null
        : range is null ? new BlobContent(content.Info, new CheckedStream(content.Body, Bare(digest), () => Corrupt(digest)))
        : content;

    /// <summary>Removes an object. The caller makes sure that nothing uses it.</summary>
    public async Task DeleteAsync(string digest, CancellationToken cancellationToken = default)
    {
        try
        {
            await Blob(digest).DeleteIfExistsAsync(cancellationToken: cancellationToken);
        }
        catch (Exception e) when (Fault(e, digest) is { } fault)
        {
            throw fault;
        }
    }

    /// <summary>Writes a file or folder to <paramref name="path"/>, which must not exist.</summary>
    public async Task GetAsync(ContentRef content, string path, CancellationToken cancellationToken = default)
    {
        if (!content.IsDirectory)
        {
            await GetFileAsync(content.Digest, path, cancellationToken);
            if (content.IsExecutable && !OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(path, File.GetUnixFileMode(path) | UnixFileMode.UserExecute);
            }

            return;
        }

        Directory.CreateDirectory(path);
        var entries = await ListAsync(content.Digest, cancellationToken);
        await Parallel.ForEachAsync(
            entries,
            Options(cancellationToken),
            async (entry, token) => await GetFileAsync(entry.Digest, WorkspaceFiles.Inside(path, entry.RelativePath), token)
        );
    }

    private static ParallelOptions Options(CancellationToken cancellationToken) =>
        new() { MaxDegreeOfParallelism = ParallelFiles, CancellationToken = cancellationToken };

    private static string Bare(string digest) =>
        digest.EndsWith(ContentRef.DirectorySuffix, StringComparison.Ordinal) ? digest[..^4] : digest;

    private static ServerlessException Corrupt(string digest) =>
        new(
            ErrorCodes.InvalidState,
            $"The content of the stored object {digest} does not match its digest.",
            "Remove it from the store and rerun the task that created it.",
            status: 500
        );

    private static ServerlessException? Fault(Exception e, string digest) =>
        e switch
        {
            RequestFailedException { Status: 404 } => ServerlessException.NotFound(
                $"Object {digest} is missing from the store.",
                "Run the pipeline again. The task that created the object will run again."
            ),
            _ => StorageFaults.Translate(e),
        };

    private async Task<ContentRef> PutDirectoryObjectAsync(
        IReadOnlyCollection<DirectoryEntry> entries,
        long size,
        CancellationToken cancellationToken
    )
    {
        var bytes = DirectoryObject.Serialize(entries);
        var digest = Convert.ToHexStringLower(MD5.HashData(bytes)) + ContentRef.DirectorySuffix;
        await UploadAsync(digest, new MemoryStream(bytes), bytes.Length, cancellationToken);
        return new ContentRef(digest, size, entries.Count);
    }

    private async Task<ContentRef> PutFileAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            await using var file = new FileStream(
                path,
                FileMode.Open,
                FileAccess.Read,
                FileShare.Read,
                1,
                FileOptions.Asynchronous | FileOptions.SequentialScan
            );
            var digest = Convert.ToHexStringLower(await MD5.HashDataAsync(file, cancellationToken));
            var size = file.Length;
            file.Position = 0;
            await UploadAsync(digest, file, size, cancellationToken);
            var isExecutable = !OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & UnixFileMode.UserExecute) != 0;
            return new ContentRef(digest, size, IsExecutable: isExecutable);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw ServerlessException.NotFound($"File '{path}' does not exist.");
        }
        catch (UnauthorizedAccessException e)
        {
            throw new ServerlessException(
                ErrorCodes.Environment,
                $"Cannot read file '{path}'.",
                "Grant this user read permission.",
                inner: e
            );
        }
    }

    private async Task UploadAsync(string digest, Stream content, long size, CancellationToken cancellationToken)
    {
        var blob = Blob(digest);
        try
        {
            // A small object costs one request either way. For a large one, checking first pays off.
            if (size > SmallBytes && await blob.ExistsAsync(cancellationToken))
            {
                return;
            }

            await blob.UploadAsync(
                content,
                new BlobUploadOptions
                {
                    Conditions = new BlobRequestConditions { IfNoneMatch = ETag.All },
                    TransferOptions = new StorageTransferOptions
                    {
                        InitialTransferSize = 8 << 20,
                        MaximumTransferSize = 8 << 20,
                        MaximumConcurrency = 4,
                    },
                },
                cancellationToken
            );
        }
        catch (RequestFailedException e) when (e.Status is 409 or 412 && e.ErrorCode is "BlobAlreadyExists" or "ConditionNotMet")
        {
            // The same content already exists: nothing to do.
        }
        catch (Exception e) when (Fault(e, digest) is { } fault)
        {
            throw fault;
        }
    }

    private async Task GetFileAsync(string digest, string path, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        for (var attempt = 1; ; attempt++)
        {
            var received = await DownloadAsync(digest, path, cancellationToken);
            if (received == Bare(digest))
            {
                return;
            }

            File.Delete(path);
            if (attempt == 2)
            {
                throw Corrupt(digest);
            }
        }
    }

    private async Task<string> DownloadAsync(string digest, string path, CancellationToken cancellationToken)
    {
        try
        {
            using var md5 = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
            await using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, FileOptions.Asynchronous);
            var answer = await Blob(digest).DownloadStreamingAsync(cancellationToken: cancellationToken);
            await using var body = answer.Value.Content;
            var buffer = new byte[128 * 1024];
            int read;
            while ((read = await body.ReadAsync(buffer, cancellationToken)) > 0)
            {
                md5.AppendData(buffer, 0, read);
                await file.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
            }

            return Convert.ToHexStringLower(md5.GetHashAndReset());
        }
        catch (Exception e) when (Fault(e, digest) is { } fault)
        {
            File.Delete(path);
            throw fault;
        }
    }

    private BlobClient Blob(string digest) => container.GetBlobClient($"{prefix}{digest.AsSpan(0, 2)}/{digest.AsSpan(2)}");
}
