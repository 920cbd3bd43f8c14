using System.Security.Cryptography;
using Azure.Storage.Blobs;
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
    private readonly ContentObjects objects;

    internal ContentStore(BlobContainerClient container, string workspace) =>
        objects = new ContentObjects(container, $"{workspace}/files/md5/");

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
        await objects.UploadAsync(digest, BinaryData.FromBytes(bytes).ToStream(), bytes.Length, cancellationToken);
        return new ContentRef(digest, bytes.Length);
    }

    /// <summary>Reads a small object whole and checks its digest.</summary>
    public Task<byte[]> ReadAsync(string digest, CancellationToken cancellationToken = default) =>
        objects.ReadAsync(digest, cancellationToken);

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

    public Task<bool> ExistsAsync(string digest, CancellationToken cancellationToken = default) =>
        objects.ExistsAsync(digest, cancellationToken);

    /// <returns>Null if the store does not contain it.</returns>
    public Task<BlobInfo?> FindAsync(string digest, CancellationToken cancellationToken = default) =>
        objects.FindAsync(digest, cancellationToken);

    /// <summary>
    /// Opens an object as a stream. If the stream is read to its end, the content is checked against its digest on the way.
    /// </summary>
    /// <returns>Null if the store does not contain it.</returns>
    public Task<BlobContent?> OpenAsync(string digest, ByteRange? range = null, CancellationToken cancellationToken = default) =>
        objects.OpenAsync(digest, range, cancellationToken);

    /// <summary>Removes an object. The caller makes sure that nothing uses it.</summary>
    public Task DeleteAsync(string digest, CancellationToken cancellationToken = default) => objects.DeleteAsync(digest, cancellationToken);

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

    private async Task<ContentRef> PutDirectoryObjectAsync(
        IReadOnlyCollection<DirectoryEntry> entries,
        long size,
        CancellationToken cancellationToken
    )
    {
        var bytes = DirectoryObject.Serialize(entries);
        var digest = Convert.ToHexStringLower(MD5.HashData(bytes)) + ContentRef.DirectorySuffix;
        await objects.UploadAsync(digest, new MemoryStream(bytes), bytes.Length, cancellationToken);
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
            await objects.UploadAsync(digest, file, size, cancellationToken);
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

    private async Task GetFileAsync(string digest, string path, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        for (var attempt = 1; ; attempt++)
        {
            var received = await objects.DownloadAsync(digest, path, cancellationToken);
            if (received == ContentObjects.Bare(digest))
            {
                return;
            }

            File.Delete(path);
            if (attempt == 2)
            {
                throw ContentObjects.Corrupt(digest);
            }
        }
    }
}
