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

/// <summary>A file or folder in a folder of artifacts.</summary>
/// <param name="Size">Bytes; null for a folder, and for a file whose size would have to be asked for.</param>
public sealed record ArtifactEntry(string Name, bool IsDirectory, long? Size = null);

/// <summary>
/// Artifacts by path: blobs `{workspace}/artifacts/{path}`. Paths have `/` between names, none before the first and none behind the
/// last; whoever calls has made sure that no name is empty, `.` or `..`. A folder is there as long as a file is below it.
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

    /// <summary>Uploads in parts that come on their own.</summary>
    public MultipartUploads Multipart { get; }

    /// <summary>What was deleted and can come back.</summary>
    public ArtifactTrash Trash { get; }

    /// <summary>
    /// What lies in a folder, in the order of code points; the root is the empty path. Nothing, if there is no such folder.
    /// </summary>
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

    /// <returns>Null if there is no such file.</returns>
    public Task<BlobInfo?> FindAsync(string path, CancellationToken cancellationToken = default) =>
        BlobReader.FindAsync(container.GetBlobClient(NameOf(path)), cancellationToken);

    /// <returns>Null if there is no such file.</returns>
    public Task<BlobContent?> OpenAsync(string path, ByteRange? range = null, CancellationToken cancellationToken = default) =>
        BlobReader.OpenAsync(container.GetBlobClient(NameOf(path)), range, cancellationToken);

    /// <summary>
    /// Stores a file of any length, read to its end. It is there as a whole or not at all; what was there before stays until then.
    /// Uploads of one path take turns, and the last one wins.
    /// </summary>
    /// <param name="length">Its length, if that is known before.</param>
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
                // One request, however large: the default would ask for the blob's state first where it is told to be careful.
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
                throw ServerlessException.Unavailable($"Another host ended an upload of '{path}' first.", "Send it again.");
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

    /// <summary>Removes a file, or all that is below a folder, for good. True if anything was there.</summary>
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

    /// <summary>Makes staged blocks the content of the file.</summary>
    /// <returns>False if some are gone: another upload of the path ended in the meantime, and with that the store drops all others'
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

    /// <summary>A block's name: all of a blob's have the same length, and no two uploads share one.</summary>
    internal static string BlockId(string upload, int part, string attempt, int index) =>
        Convert.ToBase64String(Encoding.ASCII.GetBytes($"{upload}{part:x8}{attempt, 16}{index:x8}"));

    internal static void CheckLength(long bytes, long? length)
    {
        if (length is { } expected && bytes != expected)
        {
            throw ServerlessException.Invalid($"The upload ended after {bytes} of {expected} bytes.", "Send it again.");
        }
    }

    private string NameOf(string path)
    {
        var name = prefix + path;
        return name.Length <= MaxBlobName
            ? name
            : throw ServerlessException.Invalid(
                $"The path of the artifact has {path.Length} characters; {MaxBlobName - prefix.Length} is the most.",
                "Use shorter names."
            );
    }
}
