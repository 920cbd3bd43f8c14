using System.Security.Cryptography;
using Azure;
using Azure.Storage;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Serverless.Core;
using Serverless.Storage.Blobs;
using BlobInfo = Serverless.Storage.Blobs.BlobInfo;

namespace Serverless.Storage.Content;

/// <summary>The objects of a <see cref="ContentStore"/>: blobs by digest.</summary>
internal sealed class ContentObjects(BlobContainerClient container, string prefix)
{
    private const int SmallBytes = 256 * 1024;

    public async Task<byte[]> ReadAsync(string digest, CancellationToken cancellationToken)
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

    public async Task<bool> ExistsAsync(string digest, CancellationToken cancellationToken)
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

    public Task<BlobInfo?> FindAsync(string digest, CancellationToken cancellationToken) =>
        BlobReader.FindAsync(Blob(digest), cancellationToken);

    public async Task<BlobContent?> OpenAsync(string digest, ByteRange? range, CancellationToken cancellationToken) =>
        await BlobReader.OpenAsync(Blob(digest), range, cancellationToken) is not { } content ? null
        : range is null ? new BlobContent(content.Info, new CheckedStream(content.Body, Bare(digest), () => Corrupt(digest)))
        : content;

    public async Task DeleteAsync(string digest, CancellationToken cancellationToken)
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

    /// <summary>Stores an object, unless it exists.</summary>
    public async Task UploadAsync(string digest, Stream content, long size, CancellationToken cancellationToken)
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

    /// <summary>Writes an object to a new file, and returns the digest of what arrived.</summary>
    public async Task<string> DownloadAsync(string digest, string path, CancellationToken cancellationToken)
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

    /// <summary>Returns the digest without `.dir`.</summary>
    public static string Bare(string digest) =>
        digest.EndsWith(ContentRef.DirectorySuffix, StringComparison.Ordinal) ? digest[..^4] : digest;

    public static ServerlessException Corrupt(string digest) =>
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

    private BlobClient Blob(string digest) => container.GetBlobClient($"{prefix}{digest.AsSpan(0, 2)}/{digest.AsSpan(2)}");
}
