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
    private const int LinuxDiskFull = 28;
    private const int WindowsDiskFull = unchecked((int)0x80070070);

    /// <summary>
    /// Writes the file, tab-delimited if its extension is .tsv. Replaces an existing file only once the new one is complete, so a reader
    /// of the path sees either the old content or the new.
    /// </summary>
    public static async Task WriteAsync(ColumnFrame frame, string path, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(frame);
        ArgumentException.ThrowIfNullOrWhiteSpace(path);

        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        var temporary = Path.Combine(folder, $".{Path.GetFileName(path)}.{Ids.NewId()}.tmp");
        var delimiter = path.EndsWith(".tsv", StringComparison.OrdinalIgnoreCase) ? '\t' : ',';
        try
        {
            Directory.CreateDirectory(folder);
            await Task.Run(() => WriteFile(frame, temporary, delimiter, cancellationToken), cancellationToken);
            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception error)
        {
            TryDelete(temporary);
            if (Explain(error, path) is { } explained)
            {
                throw explained;
            }

            throw;
        }
    }

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

    private static ServerlessException? Explain(Exception error, string path) =>
        error switch
        {
            UnauthorizedAccessException => new ServerlessException(
                ErrorCodes.InvalidParameterValue,
                $"{path}: access denied.",
                "Grant this user write permission for the path.",
                inner: error
            ),
            IOException { HResult: LinuxDiskFull or WindowsDiskFull } => new ServerlessException(
                ErrorCodes.StorageFull,
                $"{path}: the disk is full.",
                "Free some space and try again.",
                status: 507,
                retryable: true,
                inner: error
            ),
            _ => null,
        };

    private static void WriteFile(ColumnFrame frame, string path, char delimiter, CancellationToken cancellationToken)
    {
        using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write);
        Write(frame, file, delimiter, cancellationToken);
        file.Flush(flushToDisk: true);
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

    private static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The first error is the one to report.
        }
    }
}
