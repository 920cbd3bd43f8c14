using System.Text;

namespace Serverless.Core.Columns;

/// <summary>
/// Opens a source as text. A byte order mark determines the encoding; without one, the options or UTF-8 apply. Bytes that are invalid in
/// the encoding are an error and never silently replaced.
/// </summary>
internal sealed class EncodedText
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private static readonly UnicodeEncoding Utf16LittleEndian = new(bigEndian: false, byteOrderMark: false, throwOnInvalidBytes: true);
    private static readonly UnicodeEncoding Utf16BigEndian = new(bigEndian: true, byteOrderMark: false, throwOnInvalidBytes: true);

    private readonly ColumnSource _source;
    private readonly ColumnLimits _limits;
    private readonly Encoding _encoding;
    private readonly int _markLength;

    public EncodedText(ColumnSource source, string? encodingName, ColumnLimits limits)
    {
        _source = source;
        _limits = limits;
        Span<byte> start = stackalloc byte[4];
        using (var stream = source.Open())
        {
            start = start[..stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)];
        }

        (_encoding, _markLength) = start switch
        {
            [0xEF, 0xBB, 0xBF, ..] => (Utf8, 3),
            [0xFF, 0xFE, ..] => (Utf16LittleEndian, 2),
            [0xFE, 0xFF, ..] => (Utf16BigEndian, 2),
            _ => ((Encoding)Named(encodingName), 0),
        };

        if (_markLength == 0 && encodingName is null && start is [0, not 0, ..] or [not 0, 0, ..])
        {
            throw source.Invalid(
                "The file is not UTF-8: it looks like UTF-16 without a byte order mark.",
                "Save the file as UTF-8.",
                line: 1
            );
        }
    }

    public StreamReader OpenReader()
    {
        var stream = new BoundedStream(_source.Open(), _limits.Bytes, () => _limits.TooManyBytes(_source));
        Span<byte> mark = stackalloc byte[3];
        stream.ReadExactly(mark[.._markLength]);
        return new StreamReader(stream, _encoding, detectEncodingFromByteOrderMarks: false, bufferSize: 1 << 16);
    }

    /// <summary>Returns the error for bytes that are invalid in the encoding.</summary>
    public ServerlessException NotDecodable(DecoderFallbackException error)
    {
        if (_encoding is not UTF8Encoding)
        {
            return _source.Invalid($"The file is not valid {_encoding.WebName}.", "Save the file as UTF-8.", inner: error);
        }

        using var stream = _source.Open();
        var (offset, line, value) = FindInvalidUtf8(stream);
        return _source.Invalid($"The file is not UTF-8: byte 0x{value:X2} at offset {offset}.", "Save the file as UTF-8.", line, error);
    }

    private static Encoding Named(string? name) =>
        name?.Trim().ToLowerInvariant() switch
        {
            null or "" or "utf-8" or "utf8" or "utf-8-sig" => Utf8,
            "utf-16le" or "utf-16" or "utf16" => Utf16LittleEndian,
            "utf-16be" => Utf16BigEndian,
            "latin1" or "latin-1" or "iso-8859-1" => Encoding.Latin1,
            "windows-1252" or "cp1252" => CodePagesEncodingProvider.Instance.GetEncoding(1252)!,
            _ => throw ServerlessException.Invalid(
                $"'{name}' is not a supported encoding.",
                "Use utf-8, utf-16le, utf-16be, latin1 or windows-1252."
            ),
        };

    private static (long Offset, int Line, byte Value) FindInvalidUtf8(Stream stream)
    {
        var buffer = new byte[1 << 16];
        var filled = 0;
        var offset = 0L;
        var line = 1;
        while (true)
        {
            var read = stream.ReadAtLeast(buffer.AsSpan(filled), buffer.Length - filled, throwOnEndOfStream: false);
            filled += read;
            var position = 0;
            while (position < filled)
            {
                var status = Rune.DecodeFromUtf8(buffer.AsSpan(position, filled - position), out var rune, out var length);
                if (status == System.Buffers.OperationStatus.NeedMoreData && read > 0)
                {
                    break;
                }

                if (status != System.Buffers.OperationStatus.Done)
                {
                    return (offset + position, line, buffer[position]);
                }

                line += rune.Value == '\n' ? 1 : 0;
                position += length;
            }

            if (read == 0)
            {
                return (offset + position, line, 0);
            }

            offset += position;
            buffer.AsSpan(position, filled - position).CopyTo(buffer);
            filled -= position;
        }
    }
}
