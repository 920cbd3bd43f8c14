using System.Buffers;
using System.Globalization;
using Serverless.Core;
using Serverless.Storage.Tables;

namespace Serverless.Storage.Artifacts;

/// <summary>The record of an upload in parts.</summary>
/// <param name="Done">The parts that it was completed with; null until then.</param>
public sealed record MultipartUpload(string Id, string Path, int Parts, DateTimeOffset Time, string? Done = null);

/// <summary>A part that has arrived, identified by the ETag that its upload returned.</summary>
public sealed record UploadedPart(int Number, string ETag);

/// <summary>
/// Manages uploads in parts. A part is staged as blocks of the file itself, and its ETag names them, so a part that is sent twice, or half
/// and then again, counts once. The row `{workspace}|uploads`, `{id}` records the target of an upload; the id authorises sending parts.
/// Completing commits the blocks of all parts at once. The store discards the staged blocks of an upload that is never completed.
/// </summary>
public sealed class MultipartUploads
{
    public const int MaxParts = 10_000;
    private readonly ArtifactStore artifacts;
    private readonly Table index;
    private readonly string partition;

    internal MultipartUploads(ArtifactStore artifacts, Table index, string workspace)
    {
        this.artifacts = artifacts;
        this.index = index;
        partition = Keys.Join(workspace, "uploads");
    }

    public async Task<MultipartUpload> CreateAsync(
        string path,
        int parts,
        DateTimeOffset now,
        CancellationToken cancellationToken = default
    )
    {
        if (parts is < 1 or > MaxParts)
        {
            throw ServerlessException.Invalid($"An upload must have 1 to {MaxParts} parts, not {parts}.", "Send larger parts.");
        }

        var upload = new MultipartUpload(Ids.NewId(), path, parts, now);
        await index.CommitAsync(RowChange.Insert(RowOf(upload)), cancellationToken);
        return upload;
    }

    /// <summary>Stages a part. Parts may arrive repeatedly and in any order.</summary>
    public async Task<UploadedPart> UploadPartAsync(
        string id,
        int number,
        Stream body,
        long? length,
        CancellationToken cancellationToken = default
    )
    {
        var (upload, _) = await FindAsync(id, cancellationToken);
        if (number < 1 || number > upload.Parts)
        {
            throw ServerlessException.Invalid($"The upload has parts 1 to {upload.Parts}. There is no part {number}.");
        }

        var attempt = Ids.NewId()[..16];
        var stage = new BlockStage(artifacts.Block(upload.Path), block => ArtifactStore.BlockId(id, number, attempt, block));
        var size = (int)Math.Min(length ?? BlockStage.BlockBytes, BlockStage.BlockBytes);
        var first = ArrayPool<byte>.Shared.Rent(size);
        int count;
        try
        {
            count = await body.ReadAtLeastAsync(first.AsMemory(0, size), size, throwOnEndOfStream: false, cancellationToken);
        }
        catch
        {
            ArrayPool<byte>.Shared.Return(first);
            throw;
        }

        var (blocks, bytes) = await stage.RunAsync(first, count, body, cancellationToken);
        ArtifactStore.CheckLength(bytes, length);
        return new UploadedPart(number, string.Create(CultureInfo.InvariantCulture, $"\"{attempt}-{blocks}\""));
    }

    /// <summary>Commits the parts as the content of the file. Repeating the call with the same parts has no further effect.</summary>
    public async Task CompleteAsync(
        string id,
        string path,
        IReadOnlyList<UploadedPart> parts,
        CancellationToken cancellationToken = default
    )
    {
        var (upload, row) = await FindAsync(id, path, cancellationToken);
        var ordered = parts.OrderBy(p => p.Number).ToList();
        var done = string.Join(' ', ordered.Select(p => p.ETag));
        if (upload.Done is not null)
        {
            if (upload.Done == Keys.Bounded(done))
            {
                return;
            }

            throw ServerlessException.Conflict($"Upload {id} was already completed with different parts.");
        }

        for (var number = 1; number <= upload.Parts; number++)
        {
            if (ordered.Count < number || ordered[number - 1].Number != number)
            {
                throw ServerlessException.Invalid(
                    $"The upload needs each of its {upload.Parts} parts exactly once: "
                        + $"{(ordered.Exists(p => p.Number == number) ? "a part occurs twice" : $"part {number} is missing")}.",
                    "Upload the missing parts and complete the upload again."
                );
            }
        }

        if (ordered.Count > upload.Parts)
        {
            throw ServerlessException.Invalid($"The upload has {upload.Parts} parts. There is no part {ordered[^1].Number}.");
        }

        var blocks = ordered.SelectMany(part => BlocksOf(id, part)).ToList();
        if (blocks.Count > BlockStage.MaxBlocks)
        {
            throw ServerlessException.Invalid(
                $"The parts consist of {blocks.Count} blocks. The maximum for a file is {BlockStage.MaxBlocks}.",
                "Send larger parts."
            );
        }

        if (!await artifacts.CommitAsync(path, blocks, cancellationToken))
        {
            throw new ServerlessException(
                ErrorCodes.ResourceConflict,
                "Some of these parts are missing from the store.",
                "Another upload of the path may have completed in the meantime. Start this upload again.",
                409
            );
        }

        await index.CommitAsync(RowChange.Replace(RowOf(upload with { Done = Keys.Bounded(done) }), row.ETag), cancellationToken);
    }

    /// <summary>Aborts an upload and ignores its parts. Does nothing if it does not exist or is completed.</summary>
    public async Task AbortAsync(string id, string path, CancellationToken cancellationToken = default)
    {
        if (
            await index.GetAsync(partition, Keys.Join(id), cancellationToken) is { } row
            && row.Read<MultipartUpload>() is { Done: null } upload
            && upload.Path == path
        )
        {
            await index.CommitAsync(RowChange.Delete(row), cancellationToken);
        }
    }

    private static IEnumerable<string> BlocksOf(string id, UploadedPart part)
    {
        var tag = part.ETag.Trim('"').Split('-');
        if (
            tag.Length != 2
            || tag[0].Length != 16
            || !tag[0].All(char.IsAsciiHexDigitLower)
            || !int.TryParse(tag[1], NumberStyles.None, CultureInfo.InvariantCulture, out var blocks)
            || blocks > BlockStage.MaxBlocks
        )
        {
            throw ServerlessException.Invalid(
                $"'{part.ETag}' is not the ETag of part {part.Number}.",
                "Use the ETag that the part's upload returned."
            );
        }

        return Enumerable.Range(0, blocks).Select(block => ArtifactStore.BlockId(id, part.Number, tag[0], block));
    }

    private Row RowOf(MultipartUpload upload) => Row.Of(partition, Keys.Join(upload.Id), upload);

    private async Task<(MultipartUpload Upload, Row Row)> FindAsync(string id, string path, CancellationToken cancellationToken)
    {
        var found = await FindAsync(id, cancellationToken);
        return found.Upload.Path == path ? found : throw ServerlessException.Invalid($"Upload {id} does not belong to '{path}'.");
    }

    private async Task<(MultipartUpload Upload, Row Row)> FindAsync(string id, CancellationToken cancellationToken) =>
        id.Length > 0 && await index.GetAsync(partition, Keys.Join(id), cancellationToken) is { } row
            ? (row.Read<MultipartUpload>(), row)
            : throw ServerlessException.NotFound($"Upload '{id}' does not exist.", "It may have been aborted. Create a new upload.");
}
