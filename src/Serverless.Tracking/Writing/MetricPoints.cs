using System.Buffers.Binary;

namespace Serverless.Tracking.Writing;

/// <summary>
/// Packs points in sequence: the number of the key, the differences in time and step from the previous point (zigzag, LEB128), and the
/// eight bytes of the value, little-endian. Points of one epoch share time and step, so most take eleven bytes.
/// </summary>
internal sealed class MetricPoints
{
    private readonly MemoryStream bytes = new();
    private long time;
    private long step;

    /// <param name="before">The existing points to append to.</param>
    public MetricPoints(byte[] before)
    {
        foreach (var point in Read(before))
        {
            (time, step) = (point.Timestamp, point.Step);
        }

        bytes.Write(before);
    }

    public void Add(int name, double value, long timestamp, long at)
    {
        Write((ulong)name);
        // Differences wrap around, and so do their sums: no two numbers are too far apart.
        WriteSigned(unchecked(timestamp - time));
        WriteSigned(unchecked(at - step));
        (time, step) = (timestamp, at);
        Span<byte> number = stackalloc byte[sizeof(double)];
        BinaryPrimitives.WriteDoubleLittleEndian(number, value);
        bytes.Write(number);
    }

    public byte[] ToArray() => bytes.ToArray();

    public static IEnumerable<(int Name, double Value, long Timestamp, long Step)> Read(byte[] points)
    {
        var (at, time, step) = (0, 0L, 0L);
        while (at < points.Length)
        {
            var name = (int)Next(points, ref at);
            time = unchecked(time + NextSigned(points, ref at));
            step = unchecked(step + NextSigned(points, ref at));
            var value = BinaryPrimitives.ReadDoubleLittleEndian(points.AsSpan(at, sizeof(double)));
            at += sizeof(double);
            yield return (name, value, time, step);
        }
    }

    private void WriteSigned(long value) => Write((ulong)((value << 1) ^ (value >> 63)));

    private void Write(ulong value)
    {
        for (; value >= 0x80; value >>= 7)
        {
            bytes.WriteByte((byte)(value | 0x80));
        }

        bytes.WriteByte((byte)value);
    }

    private static long NextSigned(byte[] points, ref int at)
    {
        var value = Next(points, ref at);
        return (long)(value >> 1) ^ -(long)(value & 1);
    }

    private static ulong Next(byte[] points, ref int at)
    {
        var (value, shift) = (0UL, 0);
        while (true)
        {
            var part = points[at++];
            value |= (ulong)(part & 0x7F) << shift;
            if (part < 0x80)
            {
                return value;
            }

            shift += 7;
        }
    }
}
