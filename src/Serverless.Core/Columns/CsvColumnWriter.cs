using System.Globalization;
using System.Text;

namespace Serverless.Core.Columns;

/// <summary>
/// Writes a frame as CSV: UTF-8 without a byte order mark, a header, LF after every row, fields quoted only where RFC 4180 needs it,
/// and numbers in the shortest form that reads back exactly. Equal frames give equal bytes. Null is an empty field,
/// and so is the empty text.
/// </summary>
public static class CsvColumnWriter
{
    /// <summary>Writes the frame to a stream and leaves the stream open.</summary>
    public static void Write(ColumnFrame frame, Stream stream, char delimiter = ',', CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(frame);
        ArgumentNullException.ThrowIfNull(stream);

        using var text = new StreamWriter(stream, new UTF8Encoding(false), 1 << 16, leaveOpen: true) { NewLine = "\n" };
        var columns = frame.Columns;
        for (var i = 0; i < columns.Count; i++)
        {
            WriteSeparator(text, delimiter, i);
            WriteText(text, columns[i].Name, delimiter);
        }

        text.Write('\n');
        for (var row = 0; row < frame.RowCount; row++)
        {
            if ((row & 0xFFF) == 0)
            {
                cancellationToken.ThrowIfCancellationRequested();
            }

            for (var i = 0; i < columns.Count; i++)
            {
                WriteSeparator(text, delimiter, i);
                WriteValue(text, columns[i], row, delimiter);
            }

            // Most readers would skip an empty line instead of reading a row.
            if (columns.Count == 1 && string.IsNullOrEmpty(columns[0].GetText(row)))
            {
                text.Write("\"\"");
            }

            text.Write('\n');
        }
    }

    private static void WriteSeparator(StreamWriter text, char delimiter, int index)
    {
        if (index > 0)
        {
            text.Write(delimiter);
        }
    }

    private static void WriteValue(StreamWriter text, Column column, int row, char delimiter)
    {
        if (column.IsNull(row))
        {
            return;
        }

        Span<char> buffer = stackalloc char[32];
        var length = 0;
        switch (column.Type)
        {
            case ColumnType.Integer:
                column.GetInteger(row)!.Value.TryFormat(buffer, out length, default, CultureInfo.InvariantCulture);
                text.Write(buffer[..length]);
                break;
            case ColumnType.Number when double.IsFinite(column.GetNumber(row)):
                column.GetNumber(row).TryFormat(buffer, out length, "R", CultureInfo.InvariantCulture);
                text.Write(buffer[..length]);
                break;
            default:
                WriteText(text, column.GetText(row)!, delimiter);
                break;
        }
    }

    private static void WriteText(StreamWriter text, string value, char delimiter)
    {
        if (!value.AsSpan().ContainsAny('"', '\r', '\n') && !value.Contains(delimiter))
        {
            text.Write(value);
            return;
        }

        text.Write('"');
        text.Write(value.Replace("\"", "\"\"", StringComparison.Ordinal));
        text.Write('"');
    }
}
