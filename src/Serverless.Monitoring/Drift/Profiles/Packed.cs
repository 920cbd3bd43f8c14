using System.Buffers.Binary;

namespace Serverless.Monitoring.Drift.Profiles;

/// <summary>
/// Lists of numbers as base64: doubles of 8 bytes, little end first; counts of 7 bits a byte, as
/// <see cref="BinaryWriter.Write7BitEncodedInt64"/> has them.
/// </summary>
internal static class Packed
{
    public static string Numbers(ReadOnlySpan<double> values)
    {
        var bytes = new byte[8 * values.Length];
        for (var i = 0; i < values.Length; i++)
        {
            BinaryPrimitives.WriteDoubleLittleEndian(bytes.AsSpan(8 * i), values[i]);
        }

        return Convert.ToBase64String(bytes);
    }

    public static double[] Numbers(string text)
    {
        var bytes = Convert.FromBase64String(text);
        var values = new double[bytes.Length / 8];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = BinaryPrimitives.ReadDoubleLittleEndian(bytes.AsSpan(8 * i));
        }

        return values;
    }

    public static string Counts(ReadOnlySpan<long> counts)
    {
        using var bytes = new MemoryStream();
        using var writer = new BinaryWriter(bytes);
        foreach (var count in counts)
        {
            writer.Write7BitEncodedInt64(count);
        }

        writer.Flush();
        return Convert.ToBase64String(bytes.GetBuffer(), 0, (int)bytes.Length);
    }

    public static long[] Counts(string text)
    {
        using var bytes = new MemoryStream(Convert.FromBase64String(text));
        using var reader = new BinaryReader(bytes);
        var counts = new List<long>();
        while (bytes.Position < bytes.Length)
        {
            counts.Add(reader.Read7BitEncodedInt64());
        }

        return [.. counts];
    }
}
