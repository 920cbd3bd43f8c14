using System.Buffers.Binary;

namespace Serverless.Core.Columns;

/// <summary>
/// Looks at a Parquet file before its reader does: the reader trusts every length and count in it, and a few bytes could make it take
/// all memory or never end. Here each is held against the length of the file and against the limits, down to the heads of the pages.
/// </summary>
internal static class ParquetCheck
{
    private const int TailBytes = 8;
    private const int MostFooter = 256 << 20;
    private const int RunLength = 3;
    private const int DeltaByteArray = 7;
    private const int MostPageHead = 1 << 20;
    private const int FirstPageHead = 4096;

    /// <summary>Pages of a column that hold no values: a dictionary, an index.</summary>
    private const int MostEmptyPages = 1000;

    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    /// <exception cref="ServerlessException">It is larger than the limits.</exception>
    public static void Check(Stream file, ColumnSource source, ColumnLimits limits)
    {
        var length = file.Length;
        Need(length >= 4 + TailBytes, "it is too short");
        Span<byte> tail = stackalloc byte[TailBytes];
        ReadAt(file, 0, tail[..4]);
        var begins = tail[..4].SequenceEqual("PAR1"u8);
        ReadAt(file, length - TailBytes, tail);
        Need(!tail[4..].SequenceEqual("PARE"u8), "it is encrypted");
        Need(begins && tail[4..].SequenceEqual("PAR1"u8), "it does not begin and end with PAR1");
        var count = BinaryPrimitives.ReadUInt32LittleEndian(tail);
        Need(count > 0 && count <= length - 4 - TailBytes, "its footer is longer than the file");
        Need(count <= MostFooter, $"its footer is longer than {MostFooter >> 20} MiB");
        var end = length - TailBytes - count;
        var bytes = new byte[count];
        ReadAt(file, end, bytes);
        var footer = ParquetFooter.Read(bytes);
        limits.Check(source, footer.Rows, footer.Columns);
        var unpacked = 0L;
        foreach (var chunk in footer.Chunks)
        {
            unpacked += CheckChunk(file, chunk, footer.GroupRows[chunk.RowGroup], end);
            if (unpacked > limits.Bytes)
            {
                throw limits.TooManyBytes(source);
            }
        }
    }

    /// <returns>How many bytes its pages have, unpacked.</returns>
    private static long CheckChunk(Stream file, ParquetChunk chunk, long rows, long end)
    {
        // Nested columns have more values than rows; they are refused by name later, when the reader has read the schema.
        Need(chunk.Values <= Math.Max(rows, int.MaxValue), "a column has too many values");
        var (at, values, empty, unpacked) = (chunk.Start, 0L, 0, 0L);
        while (values < chunk.Values)
        {
            Need(at >= 4 && at < end, "a column lies outside of the file");
            var (page, head) = ReadPage(file, at, end);
            Need(
                page.Packed >= 0 && page.Unpacked is >= 0 and <= int.MaxValue && page.Values is >= 0 and <= int.MaxValue,
                "a page has an impossible size"
            );
            Need(page.Packed <= end - at - head, "a page lies outside of the file");
            empty += page.Values == 0 ? 1 : 0;
            Need(empty <= MostEmptyPages, $"a column has more than {MostEmptyPages} pages without values");
            values += page.Values;
            unpacked += page.IsPrefixed ? page.Unpacked * page.Values : page.Unpacked;
            Need(unpacked >= 0, "a column is too large");
            at += head + page.Packed;
        }

        Need(values == chunk.Values, "a column has more values than it says");
        return unpacked;
    }

    private static (Page Page, int Length) ReadPage(Stream file, long at, long end)
    {
        for (var size = FirstPageHead; ; size *= 16)
        {
            var bytes = new byte[Math.Min(size, end - at)];
            ReadAt(file, at, bytes);
            try
            {
                return ReadPage(bytes);
            }
            catch (InvalidDataException) when (size < MostPageHead && bytes.Length == size)
            {
                // Statistics can make it long.
            }
        }
    }

    private static (Page Page, int Length) ReadPage(ReadOnlySpan<byte> bytes)
    {
        var check = new ThriftReader(bytes);
        ParquetMetadata.Check(ref check, ParquetMetadata.PageHead);
        var reader = new ThriftReader(bytes);
        var (field, page) = (0, new Page(-1, -1, 0, false));
        while (reader.Field(ref field) is not 0 and var type)
        {
            switch (field, type)
            {
                case (2, 5):
                    page = page with { Unpacked = reader.Number() };
                    break;
                case (3, 5):
                    page = page with { Packed = reader.Number() };
                    break;
                case (5 or 8, ThriftReader.Struct):
                    var (values, encoding) = ValuesOf(ref reader, field == 5 ? 2 : 4);
                    if (encoding == RunLength)
                    {
                        throw new PackedBooleansException();
                    }

                    page = page with { Values = values, IsPrefixed = encoding == DeltaByteArray };
                    break;
                default:
                    reader.Skip(type);
                    break;
            }
        }

        return (page, reader.Position);
    }

    private static (long Values, long Encoding) ValuesOf(ref ThriftReader reader, int encodingField)
    {
        var (field, values, encoding) = (0, -1L, -1L);
        while (reader.Field(ref field) is not 0 and var type)
        {
            if (field == 1 && type == 5)
            {
                values = reader.Number();
            }
            else if (field == encodingField && type == 5)
            {
                encoding = reader.Number();
            }
            else
            {
                reader.Skip(type);
            }
        }

        return (values, encoding);
    }

    private static void ReadAt(Stream file, long at, Span<byte> into)
    {
        file.Position = at;
        file.ReadExactly(into);
    }

    private static void Need(bool holds, string what)
    {
        if (!holds)
        {
            throw new InvalidDataException(what);
        }
    }

    /// <param name="IsPrefixed">Each text is written as what it shares with the one before: a page of a few bytes can hold
    /// gigabytes.</param>
    private readonly record struct Page(long Unpacked, long Packed, long Values, bool IsPrefixed);
}
