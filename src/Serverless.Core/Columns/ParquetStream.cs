namespace Serverless.Core.Columns;

/// <summary>
/// What the Parquet library reads from. It goes on for ever at the end of a file, and where a page has fewer values than it says it looks
/// for the next one wherever that leads. So here the end is an error, and so is reading the file over and over.
/// </summary>
internal sealed class ParquetStream(Stream inner) : Stream
{
    /// <summary>A sound file is read about once.</summary>
    private const int MostTimes = 4;
    private const int Slack = 1 << 20;

    private long count;

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => inner.Length;

    public override long Position
    {
        get => inner.Position;
        set => inner.Position = value;
    }

    public override int Read(byte[] buffer, int offset, int count) => Counted(inner.Read(buffer, offset, count), count);

    public override int Read(Span<byte> buffer) => Counted(inner.Read(buffer), buffer.Length);

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        Counted(await inner.ReadAsync(buffer, cancellationToken), buffer.Length);

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override long Seek(long offset, SeekOrigin origin) => inner.Seek(offset, origin);

    public override void Flush() { }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
        }

        base.Dispose(disposing);
    }

    private int Counted(int read, int wanted)
    {
        if (read == 0 && wanted > 0)
        {
            throw new EndOfStreamException("A page has fewer values than it says.");
        }

        return (count += read) <= (MostTimes * inner.Length) + Slack ? read : throw new InvalidDataException("Its pages lead nowhere.");
    }
}
