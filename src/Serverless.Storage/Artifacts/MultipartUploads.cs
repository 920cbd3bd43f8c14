using System.Buffers;
using System.Globalization;
using Serverless.Core;
using Serverless.Storage.Tables;

namespace Serverless.Storage.Artifacts;

/// <summary>An upload in parts, as it is recorded.</summary>
/// <param name="Done">What it was completed with; null as long as it is not.</param>
public sealed record MultipartUpload(string Id, string Path, int Parts, DateTimeOffset Time, string? Done = null);

/// <summary>A part that has arrived, by the tag its upload answered.</summary>
public sealed record UploadedPart(int Number, string ETag);

/// <summary>
/// Uploads in parts. A part is staged as blocks of the file itself; its tag says which ones, so that a part sent twice, or half and
/// then again, counts once. What an upload is for stands in a row `{workspace}|uploads`, `{id}`; the id is the right to send parts.
/// Completing commits the blocks of all parts at once. Staged blocks of an upload that is never completed the store discards.
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
            throw ServerlessException.Invalid($"An upload has 1 to {MaxParts} parts, not {parts}.", "Send larger parts.");
        }

        var upload = new MultipartUpload(Ids.NewId(), path, parts, now);
        await index.CommitAsync(RowChange.Insert(RowOf(upload)), cancellationToken);
        return upload;
    }

    /// <summary>Stages a part; it may come again, and in any order.</summary>
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
            throw ServerlessException.Invalid($"The upload has parts 1 to {upload.Parts}; there is no part {number}.");
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

    /// <summary>Makes the parts the content of the file. Asked for again with the same parts, it does no more.</summary>
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

            throw ServerlessException.Conflict($"The upload {id} was completed with other parts.");
        }

        for (var number = 1; number <= upload.Parts; number++)
        {
            if (ordered.Count < number || ordered[number - 1].Number != number)
            {
                throw ServerlessException.Invalid(
                    $"The upload has {upload.Parts} parts, each of them once; "
                        + $"{(ordered.Exists(p => p.Number == number) ? "one comes twice" : $"part {number} is missing")}.",
                    "Send what is missing and complete it again."
                );
            }
        }

        if (ordered.Count > upload.Parts)
        {
            throw ServerlessException.Invalid($"The upload has {upload.Parts} parts; there is no part {ordered[^1].Number}.");
        }

        var blocks = ordered.SelectMany(part => BlocksOf(id, part)).ToList();
        if (blocks.Count > BlockStage.MaxBlocks)
        {
            throw ServerlessException.Invalid(
                $"The parts make {blocks.Count} blocks; {BlockStage.MaxBlocks} is the most that a file can have.",
                "Send larger parts."
            );
        }

        if (!await artifacts.CommitAsync(path, blocks, cancellationToken))
        {
            throw new ServerlessException(
                ErrorCodes.ResourceConflict,
                "The store does not have all of these parts.",
                "Another upload of the path may have ended in between: begin this one again.",
                409
            );
        }

        await index.CommitAsync(RowChange.Replace(RowOf(upload with { Done = Keys.Bounded(done) }), row.ETag), cancellationToken);
    }

    /// <summary>Ends an upload: its parts count for nothing. One that is not there, or is completed, stays as it is.</summary>
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
                "Give the ETag that the part's upload answered."
            );
        }

        return Enumerable.Range(0, blocks).Select(block => ArtifactStore.BlockId(id, part.Number, tag[0], block));
    }

    private Row RowOf(MultipartUpload upload) => Row.Of(partition, Keys.Join(upload.Id), upload);

    private async Task<(MultipartUpload Upload, Row Row)> FindAsync(string id, string path, CancellationToken cancellationToken)
    {
        var found = await FindAsync(id, cancellationToken);
        return found.Upload.Path == path ? found : throw ServerlessException.Invalid($"The upload {id} is not one of '{path}'.");
    }

    private async Task<(MultipartUpload Upload, Row Row)> FindAsync(string id, CancellationToken cancellationToken) =>
        id.Length > 0 && await index.GetAsync(partition, Keys.Join(id), cancellationToken) is { } row
            ? (row.Read<MultipartUpload>(), row)
            : throw ServerlessException.NotFound($"There is no upload '{id}'.", "It may have been aborted; create it again.");
}
