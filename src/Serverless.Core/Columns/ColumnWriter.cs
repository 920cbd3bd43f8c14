using System.IO.Compression;

namespace Serverless.Core.Columns;

/// <summary>Writes columns to a file in the format that its name says, as <see cref="ColumnReader"/> reads them.</summary>
public static class ColumnWriter
{
    private const int LinuxDiskFull = 28;
    private const int WindowsDiskFull = unchecked((int)0x80070070);

    /// <summary>
    /// Writes the file: .parquet as Parquet, .tsv with tabs, anything else as CSV; with .gz behind, packed. Replaces an
    /// existing file only once the new one is complete, so a reader of the path sees either the old content or the new.
    /// </summary>
    public static async Task WriteAsync(ColumnFrame frame, string path, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(frame);
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        if (path.EndsWith(".parquet.gz", StringComparison.OrdinalIgnoreCase))
        {
            throw ServerlessException.Invalid($"{path}: Parquet is packed inside already.", "Leave out .gz.");
        }

        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        var temporary = Path.Combine(folder, $".{Path.GetFileName(path)}.{Ids.NewId()}.tmp");
        try
        {
            Directory.CreateDirectory(folder);
            await Task.Run(() => WriteFileAsync(frame, path, temporary, cancellationToken), cancellationToken);
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

    private static async Task WriteFileAsync(ColumnFrame frame, string path, string temporary, CancellationToken cancellationToken)
    {
        await using var file = new FileStream(temporary, FileMode.CreateNew, FileAccess.ReadWrite);
        if (path.EndsWith(".parquet", StringComparison.OrdinalIgnoreCase))
        {
            await ParquetColumnWriter.WriteAsync(frame, file, cancellationToken);
        }
        else
        {
            var isPacked = path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase);
            var delimiter = (isPacked ? path[..^3] : path).EndsWith(".tsv", StringComparison.OrdinalIgnoreCase) ? '\t' : ',';
            if (isPacked)
            {
                await using var packed = new GZipStream(file, CompressionLevel.Optimal, leaveOpen: true);
                CsvColumnWriter.Write(frame, packed, delimiter, cancellationToken);
            }
            else
            {
                CsvColumnWriter.Write(frame, file, delimiter, cancellationToken);
            }
        }

        file.Flush(flushToDisk: true);
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
