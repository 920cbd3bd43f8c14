namespace Serverless.Core.Columns;

/// <summary>
/// A view of a seekable stream from its current position. Each view has its own position, so several can exist at once, and disposing a
/// view leaves the stream open for its owner.
/// </summary>
public sealed class KeptOpenStream(Stream inner, long start) : Stream
{
    private long _offset;

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => inner.Length - start;

    public override long Position
    {
        get => _offset;
        set => _offset = value;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        inner.Position = start + _offset;
        var read = inner.Read(buffer);
        _offset += read;
        return read;
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        inner.Position = start + _offset;
        var read = await inner.ReadAsync(buffer, cancellationToken);
        _offset += read;
        return read;
    }

    public override long Seek(long offset, SeekOrigin origin)
    {
        Position =
            offset
            + origin switch
            {
                SeekOrigin.Begin => 0,
                SeekOrigin.Current => Position,
                _ => Length,
            };
        return Position;
    }

    public override void Flush() { }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
