using System.Buffers;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Azure;
using Azure.Storage;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using Serverless.Core;
using Serverless.Storage.Artifacts;

namespace Serverless.Storage.Blobs;

/// <summary>A blob in a listing, with its name relative to the folder.</summary>
public sealed record BlobEntry(string Name, long Length, DateTimeOffset LastModified);

/// <summary>Accesses the blobs of a container that share a name prefix. A blob appears as a whole or not at all.</summary>
public sealed class BlobFolder
{
    /// <summary>The newest service version may be newer than the emulator supports. This one has everything that is used here.</summary>
    internal const BlobClientOptions.ServiceVersion Version = BlobClientOptions.ServiceVersion.V2024_11_04;

    /// <summary>The size above which content is uploaded in blocks, several at a time.</summary>
    public const int OneRequestBytes = 8 << 20;

    private readonly BlobContainerClient container;
    private readonly BlobServiceClient? delegating;
    private readonly BlobFaults faults;
    private readonly string prefix;

    internal BlobFolder(BlobContainerClient container, string prefix, BlobServiceClient? delegating = null)
    {
        this.container = container;
        this.prefix = prefix;
        this.delegating = delegating;
        faults = new BlobFaults(container);
    }

    /// <summary>Opens a folder of an existing container. Sends no request.</summary>
    public static BlobFolder Open(BlobAccess access, string container, string folder)
    {
        var (client, delegating) = access.Open(container);
        return new BlobFolder(client, folder.Length == 0 ? "" : folder.Trim('/') + "/", delegating);
    }

    public string Container => container.Name;

    /// <summary>Gets the name prefix, which ends with `/` or is empty.</summary>
    public string Prefix => prefix;

    /// <summary>Gets the address of the account.</summary>
    public Uri Endpoint => container.Uri;

    /// <summary>Lists the blobs whose names begin with <paramref name="start"/>, ordered by name.</summary>
    public async IAsyncEnumerable<BlobEntry> ListAsync(string start, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await using var blobs = container
            .GetBlobsAsync(new GetBlobsOptions { Prefix = prefix + start }, cancellationToken)
            .GetAsyncEnumerator(cancellationToken);
        while (true)
        {
            try
            {
                if (!await blobs.MoveNextAsync())
                {
                    yield break;
                }
            }
            catch (Exception e) when (faults.Of(e) is { } fault)
            {
                throw fault;
            }

            var properties = blobs.Current.Properties;
            yield return new BlobEntry(
                blobs.Current.Name[prefix.Length..],
                properties.ContentLength ?? 0,
                properties.LastModified ?? default
            );
        }
    }

    /// <summary>Returns a page of such a listing and the continuation token of the next page.</summary>
    public async Task<(IReadOnlyList<BlobEntry> Blobs, string? Next)> ListPageAsync(
        string start,
        string? token,
        int count,
        CancellationToken cancellationToken = default
    )
    {
        try
        {
            await foreach (
                var page in container
                    .GetBlobsAsync(new GetBlobsOptions { Prefix = prefix + start }, cancellationToken)
                    .AsPages(token, count)
            )
            {
                return (
                    [
                        .. page.Values.Select(b => new BlobEntry(
                            b.Name[prefix.Length..],
                            b.Properties.ContentLength ?? 0,
                            b.Properties.LastModified ?? default
                        )),
                    ],
                    string.IsNullOrEmpty(page.ContinuationToken) ? null : page.ContinuationToken
                );
            }

            return ([], null);
        }
        catch (Exception e) when (faults.Of(e) is { } fault)
        {
            throw fault;
        }
    }

    /// <returns>Null if the blob does not exist.</returns>
    public async Task<BlobInfo?> FindAsync(string name, CancellationToken cancellationToken = default)
    {
        try
        {
            var properties = (await Blob(name).GetPropertiesAsync(cancellationToken: cancellationToken)).Value;
            return new BlobInfo(properties.ContentLength, properties.ETag.ToString("H"), properties.LastModified);
        }
        catch (RequestFailedException e) when (e.Status == 404 && e.ErrorCode != BlobErrorCode.ContainerNotFound)
        {
            return null;
        }
        catch (Exception e) when (faults.Of(e) is { } fault)
        {
            throw fault;
        }
    }

    /// <returns>Null if the blob does not exist.</returns>
    public async Task<BlobContent?> OpenAsync(string name, ByteRange? range = null, CancellationToken cancellationToken = default)
    {
        try
        {
            return await BlobReader.OpenExistingAsync(Blob(name), range, cancellationToken);
        }
        catch (RequestFailedException e) when (e.Status == 404 && e.ErrorCode != BlobErrorCode.ContainerNotFound)
        {
            return null;
        }
        catch (Exception e) when (faults.Of(e) is { } fault)
        {
            throw fault;
        }
    }

    /// <summary>
    /// Stores the rest of a stream. Up to a certain size the stream must be seekable. Large content is uploaded in blocks and appears only
    /// once all of them have arrived.
    /// </summary>
    /// <param name="md5">The expected digest. Content that does not match is not stored.</param>
    public async Task PutAsync(string name, Stream content, long length, byte[] md5, CancellationToken cancellationToken = default)
    {
        try
        {
            if (length > OneRequestBytes)
            {
                await PutBlocksAsync(name, content, length, md5, cancellationToken);
                return;
            }

            var start = content.Position;
            if (!(await MD5.HashDataAsync(content, cancellationToken)).AsSpan().SequenceEqual(md5))
            {
                throw BlobFaults.Changed(name, null);
            }

            // The account checks the digest of what arrives. Azurite is also faster with one.
            content.Position = start;
            await Block(name)
                .UploadAsync(
                    content,
                    new BlobUploadOptions
                    {
                        TransferOptions = new StorageTransferOptions { InitialTransferSize = OneRequestBytes },
                        TransferValidation = new UploadTransferValidationOptions { ChecksumAlgorithm = StorageChecksumAlgorithm.MD5 },
                    },
                    cancellationToken
                );
        }
        catch (RequestFailedException e) when (e.ErrorCode == BlobErrorCode.Md5Mismatch)
        {
            throw BlobFaults.Changed(name, e);
        }
        catch (Exception e) when (faults.Of(e) is { } fault)
        {
            throw fault;
        }
    }

    public async Task<bool> DeleteAsync(string name, CancellationToken cancellationToken = default)
    {
        try
        {
            return (await Blob(name).DeleteIfExistsAsync(cancellationToken: cancellationToken)).Value;
        }
        catch (Exception e) when (faults.Of(e) is { } fault)
        {
            throw fault;
        }
    }

    /// <summary>
    /// Renames a blob: copies it within the account, then deletes the old one. Returns false if there is no blob with the old name.
    /// </summary>
    public async Task<bool> MoveAsync(string name, string newName, CancellationToken cancellationToken = default)
    {
        try
        {
            var (from, to) = (Blob(name), Blob(newName));
            var source = from.CanGenerateSasUri ? BlobLinks.Signed(from, TimeSpan.FromHours(1)) : from.Uri;
            var copy = await to.StartCopyFromUriAsync(source, cancellationToken: cancellationToken);
            await copy.WaitForCompletionAsync(cancellationToken);
            await from.DeleteIfExistsAsync(cancellationToken: cancellationToken);
            return true;
        }
        catch (RequestFailedException e) when (e.Status == 404 && e.ErrorCode != BlobErrorCode.ContainerNotFound)
        {
            return false;
        }
        catch (Exception e) when (faults.Of(e) is { } fault)
        {
            throw fault;
        }
    }

    /// <summary>
    /// Creates a temporary link for reading one blob without credentials. Returns null if the current credentials cannot sign.
    /// </summary>
    public Task<Uri?> SignAsync(string name, TimeSpan lifetime, TimeProvider time, CancellationToken cancellationToken = default) =>
        new BlobLinks(delegating, faults).SignAsync(Blob(name), lifetime, time, cancellationToken);

    private async Task PutBlocksAsync(string name, Stream content, long length, byte[] md5, CancellationToken cancellationToken)
    {
        var upload = Ids.NewId();
        string IdOf(int index) => ArtifactStore.BlockId(upload, 0, "", index);
        await using var hashed = new HashedStream(content);
        var first = ArrayPool<byte>.Shared.Rent(BlockStage.BlockBytes);
        var count = await hashed.ReadAtLeastAsync(
            first.AsMemory(0, BlockStage.BlockBytes),
            BlockStage.BlockBytes,
            throwOnEndOfStream: false,
            cancellationToken
        );
        var (blocks, bytes) = await new BlockStage(Block(name), IdOf).RunAsync(first, count, hashed, cancellationToken);
        if (bytes != length || !hashed.Digest().AsSpan().SequenceEqual(md5))
        {
            throw BlobFaults.Changed(name, null);
        }

        try
        {
            var options = new CommitBlockListOptions { HttpHeaders = new BlobHttpHeaders { ContentHash = md5 } };
            await Block(name).CommitBlockListAsync(Enumerable.Range(0, blocks).Select(IdOf), options, cancellationToken);
        }
        catch (RequestFailedException e) when (e.Status == 400 && e.ErrorCode == BlobErrorCode.InvalidBlockList)
        {
            // Another upload of the same name completed first, and the account then drops these blocks. Names are by content, so the
            // content is the same.
            if (await FindAsync(name, cancellationToken) is not { } there || there.Length != length)
            {
                throw ServerlessException.Unavailable($"Another upload of '{name}' completed in the meantime.", "Upload it again.", e);
            }
        }
    }

    private BlockBlobClient Block(string name) => container.GetBlockBlobClient(prefix + name);

    private BlobClient Blob(string name) => container.GetBlobClient(prefix + name);
}
