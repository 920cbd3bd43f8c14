namespace Serverless.Storage.Blobs;

/// <summary>The properties of a stored file that are known without reading it.</summary>
/// <param name="Length">The length of the whole file in bytes.</param>
/// <param name="ETag">Changes with the content; quoted, as in HTTP.</param>
public sealed record BlobInfo(long Length, string ETag, DateTimeOffset LastModified);

/// <summary>A range of a file: <paramref name="Count"/> bytes starting at <paramref name="Offset"/>.</summary>
public readonly record struct ByteRange(long Offset, long Count);

/// <summary>An open stored file. Its bytes are fetched from the store as they are read.</summary>
public sealed class BlobContent(BlobInfo info, Stream body) : IAsyncDisposable
{
    public BlobInfo Info { get; } = info;

    public Stream Body { get; } = body;

    public ValueTask DisposeAsync() => Body.DisposeAsync();
}
