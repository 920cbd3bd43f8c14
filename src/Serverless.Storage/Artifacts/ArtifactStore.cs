using System.Buffers;
using System.Text;
using Azure;
using Azure.Storage;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using Serverless.Core;
using Serverless.Storage.Blobs;
using Serverless.Storage.Tables;
using BlobInfo = Serverless.Storage.Blobs.BlobInfo;

namespace Serverless.Storage.Artifacts;

/// <summary>A file or folder in an artifact folder.</summary>
/// <param name="Size">The size in bytes; null for a folder, and for a file whose size would need another request.</param>
public sealed record ArtifactEntry(string Name, bool IsDirectory, long? Size = null);

/// <summary>
/// Stores artifacts by path in blobs `{workspace}/artifacts/{path}`. Paths separate names with `/` and neither begin nor end with it; the
/// caller makes sure that no name is empty, `.` or `..`. A folder exists as long as it contains a file.
/// </summary>
public sealed class ArtifactStore
{
    private const int ParallelDeletes = 8;
    private const int MaxBlobName = 1024;
    private readonly BlobContainerClient container;
    private readonly string prefix;
    private readonly PathTurns turns = new();

    internal ArtifactStore(BlobContainerClient container, Table index, string workspace)
    {
        this.container = container;
        prefix = $"{workspace}/artifacts/";
        Multipart = new MultipartUploads(this, index, workspace);
        Trash = new ArtifactTrash(container, index, workspace);
    }

    /// <summary>Gets the uploads in parts.</summary>
    public MultipartUploads Multipart { get; }

    /// <summary>Gets the deleted artifacts that can be restored.</summary>
    public ArtifactTrash Trash { get; }

    /// <summary>Lists a folder in code point order; the empty path is the root. Returns nothing if the folder does not exist.</summary>
    public async Task<IReadOnlyList<ArtifactEntry>> ListAsync(string folder, CancellationToken cancellationToken = default)
    {
        var start = folder.Length == 0 ? prefix : NameOf(folder) + "/";
        var entries = new List<ArtifactEntry>();
        try
        {
            var options = new GetBlobsByHierarchyOptions { Delimiter = "/", Prefix = start };
            await foreach (var item in container.GetBlobsByHierarchyAsync(options, cancellationToken))
            {
                entries.Add(
                    item.IsPrefix
                        ? new ArtifactEntry(item.Prefix[start.Length..^1], true)
                        : new ArtifactEntry(item.Blob.Name[start.Length..], false, item.Blob.Properties.ContentLength)
                );
            }
        }
        catch (Exception e) when (StorageFaults.Translate(e) is { } fault)
        {
            throw fault;
        }

        entries.Sort((a, b) => CodePointOrder.Instance.Compare(a.Name, b.Name));
        return entries;
    }

    /// <returns>Null if the file does not exist.</returns>
    public Task<BlobInfo?> FindAsync(string path, CancellationToken cancellationToken = default) =>
        BlobReader.FindAsync(container.GetBlobClient(NameOf(path)), cancellationToken);

    /// <returns>Null if the file does not exist.</returns>
    public Task<BlobContent?> OpenAsync(string path, ByteRange? range = null, CancellationToken cancellationToken = default) =>
        BlobReader.OpenAsync(container.GetBlobClient(NameOf(path)), range, cancellationToken);

    /// <summary>
    /// Stores a file of any length by reading the stream to its end. The file appears as a whole or not at all, and an existing one stays
    /// until then. Uploads of one path take turns; the last one wins.
    /// </summary>
    /// <param name="length">The length, if known in advance.</param>
    public async Task UploadAsync(string path, Stream body, long? length = null, CancellationToken cancellationToken = default)
    {
        var blob = Block(path);
        using var turn = await turns.TakeAsync(path, cancellationToken);
        var size = (int)Math.Min(length ?? BlockStage.BlockBytes, BlockStage.BlockBytes);
        var first = ArrayPool<byte>.Shared.Rent(size);
        var isRented = true;
        try
        {
            var count = await body.ReadAtLeastAsync(first.AsMemory(0, size), size, throwOnEndOfStream: false, cancellationToken);
            if (count < size || count == length)
            {
                CheckLength(count, length);
                using var whole = new MemoryStream(first, 0, count, writable: false);
                // One request, regardless of size: by default, the client would first request the blob's state if there are conditions.
                var options = new BlobUploadOptions
                {
                    TransferOptions = new StorageTransferOptions { InitialTransferSize = BlockStage.BlockBytes },
                };
                await blob.UploadAsync(whole, options, cancellationToken);
                return;
            }

            isRented = false;
            var upload = Ids.NewId();
            string IdOf(int index) => BlockId(upload, 0, "", index);
            var (blocks, bytes) = await new BlockStage(blob, IdOf).RunAsync(first, count, body, cancellationToken);
            CheckLength(bytes, length);
            if (!await CommitAsync(path, Enumerable.Range(0, blocks).Select(IdOf), cancellationToken))
            {
                throw ServerlessException.Unavailable($"Another host completed an upload of '{path}' first.", "Upload the file again.");
            }
        }
        catch (Exception e) when (StorageFaults.Translate(e) is { } fault)
        {
            throw fault;
        }
        finally
        {
            if (isRented)
            {
                ArrayPool<byte>.Shared.Return(first);
            }
        }
    }

    /// <summary>Permanently removes a file, or everything in a folder. Returns true if anything existed.</summary>
    public async Task<bool> DeleteAsync(string path, CancellationToken cancellationToken = default)
    {
        var name = NameOf(path);
        try
        {
            var isGone = (await container.GetBlobClient(name).DeleteIfExistsAsync(cancellationToken: cancellationToken)).Value;
            var below = container.GetBlobsAsync(new GetBlobsOptions { Prefix = name + "/" }, cancellationToken);
            var options = new ParallelOptions { MaxDegreeOfParallelism = ParallelDeletes, CancellationToken = cancellationToken };
            await Parallel.ForEachAsync(
                below,
                options,
                async (item, token) =>
                {
                    await container.GetBlobClient(item.Name).DeleteIfExistsAsync(cancellationToken: token);
                    isGone = true;
                }
            );
            return isGone;
        }
        catch (Exception e) when (StorageFaults.Translate(e) is { } fault)
        {
            throw fault;
        }
    }

    internal BlockBlobClient Block(string path) => container.GetBlockBlobClient(NameOf(path));

    /// <summary>Commits staged blocks as the content of the file.</summary>
    /// <returns>False if some blocks are gone: another upload of the path completed meanwhile, and the store then drops all uncommitted
    /// blocks.</returns>
    internal async Task<bool> CommitAsync(string path, IEnumerable<string> ids, CancellationToken cancellationToken)
    {
        try
        {
            await Block(path).CommitBlockListAsync(ids, cancellationToken: cancellationToken);
            return true;
        }
        catch (RequestFailedException e) when (e.Status == 400 && e.ErrorCode == "InvalidBlockList")
        {
            return false;
        }
        catch (Exception e) when (StorageFaults.Translate(e) is { } fault)
        {
            throw fault;
        }
    }

    /// <summary>Returns a block's name. All block names of a blob have the same length, and no two uploads share one.</summary>
    internal static string BlockId(string upload, int part, string attempt, int index) =>
        Convert.ToBase64String(Encoding.ASCII.GetBytes($"{upload}{part:x8}{attempt, 16}{index:x8}"));

    internal static void CheckLength(long bytes, long? length)
    {
        if (length is { } expected && bytes != expected)
        {
            throw ServerlessException.Invalid($"The upload ended after {bytes} of {expected} bytes.", "Upload the file again.");
        }
    }

    private string NameOf(string path)
    {
        var name = prefix + path;
        return name.Length <= MaxBlobName
            ? name
            : throw ServerlessException.Invalid(
                $"The artifact path has {path.Length} characters. The maximum is {MaxBlobName - prefix.Length}.",
                "Use shorter names."
            );
    }
}
