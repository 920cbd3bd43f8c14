namespace Serverless.Storage.Blobs;

/// <summary>What is known of a stored file without reading it.</summary>
/// <param name="Length">Bytes of the whole file.</param>
/// <param name="ETag">Changes with the content; quoted, as HTTP has it.</param>
public sealed record BlobInfo(long Length, string ETag, DateTimeOffset LastModified);

/// <summary>A part of a file: <paramref name="Count"/> bytes from <paramref name="Offset"/> on.</summary>
public readonly record struct ByteRange(long Offset, long Count);

/// <summary>A stored file, opened: its bytes come from the store as they are read.</summary>
public sealed class BlobContent(BlobInfo info, Stream body) : IAsyncDisposable
{
    public BlobInfo Info { get; } = info;

    public Stream Body { get; } = body;

    public ValueTask DisposeAsync() => Body.DisposeAsync();
}
