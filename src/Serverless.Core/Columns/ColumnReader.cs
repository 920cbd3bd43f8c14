using System.Globalization;

namespace Serverless.Core.Columns;

/// <summary>
/// Reads CSV and Parquet files into columns.
/// <para>
/// The types of a CSV file are inferred over all its rows. A column is Integer if every value is a whole number of
/// 64 bits, else Number if every value is a number, Boolean if every value is <c>true</c> or <c>false</c> (any case), and else Text.
/// Whole numbers with leading zeros, or too long for 64 bits in a column without fractions, make it Text:
/// they are codes and identifiers, and a number would lose digits of them.
/// </para>
/// <para>
/// An empty field is null, quoted or not. In a column that is otherwise numeric or boolean, so are <c>NA</c>, <c>N/A</c>, <c>#N/A</c>,
/// <c>&lt;NA&gt;</c>, <c>NaN</c>, <c>null</c> (any case) and white space; in a text column they are text. <c>inf</c>, <c>-inf</c>,
/// <c>Infinity</c> and <c>-Infinity</c> are numbers. A column without any value is Number. Blank lines are skipped,
/// but in a file of one column they are nulls.
/// </para>
/// <para>
/// Parquet files bring their types: integers, floating-point and decimal numbers, booleans, text; dates and times become
/// text in ISO 8601. Nested and repeated columns are refused.
/// </para>
/// </summary>
public static class ColumnReader
{
    /// <summary>Reads a file by its extension: .csv, .tsv, .txt, each also with .gz, and .parquet.</summary>
    /// <exception cref="ServerlessException">The file is missing or is not what it should be; says where and what to do.</exception>
    public static async Task<ColumnFrame> ReadAsync(
        string path,
        ColumnReaderOptions? options = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        options ??= new ColumnReaderOptions();
        var format = FormatOf(path);
        if (format == ColumnFormat.Parquet && options.IsUntrusted && ParquetProbe.Program is { } program && File.Exists(path))
        {
            await ParquetProbe.RunAsync(program, path, options.Limits.Time, cancellationToken);
        }

        return await ReadAsync(ColumnSource.FromFile(path), format, options, cancellationToken);
    }

    /// <summary>
    /// Reads a stream from its current position and leaves it open. A stream that cannot seek is buffered in memory first.
    /// </summary>
    /// <param name="stream">The uncompressed content.</param>
    /// <param name="format">The format of the content.</param>
    /// <param name="options">The reader options.</param>
    /// <param name="name">The stream's name in error messages.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public static async Task<ColumnFrame> ReadAsync(
        Stream stream,
        ColumnFormat format,
        ColumnReaderOptions? options = null,
        string name = "stream",
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(stream);
        var source = await ColumnSource.FromStreamAsync(stream, name, cancellationToken);
        return await ReadAsync(source, format, options, cancellationToken);
    }

    private static async Task<ColumnFrame> ReadAsync(
        ColumnSource source,
        ColumnFormat format,
        ColumnReaderOptions? options,
        CancellationToken cancellationToken
    )
    {
        options ??= new ColumnReaderOptions();

        ColumnFrame frame;
        try
        {
            // Parsing keeps a processor busy for the whole file, so it runs on a thread of its own rather than the caller's.
            frame = await Task.Run(
                    () =>
                        format == ColumnFormat.Parquet
                            ? new ParquetColumnReader(source, options).ReadAsync(cancellationToken)
                            : Task.FromResult(new CsvColumnReader(source, options, format).Read(cancellationToken)),
                    cancellationToken
                )
                .WaitAsync(options.Limits.Time, cancellationToken);
        }
        catch (TimeoutException)
        {
            throw source.Invalid(
                string.Create(CultureInfo.InvariantCulture, $"The table was not read within {options.Limits.Time.TotalSeconds} s."),
                "Split it, or check what wrote it."
            );
        }
        catch (InvalidDataException error)
        {
            throw source.Invalid(
                "The file is not valid gzip.",
                "Compress it again, or remove .gz from its name if it is not compressed.",
                inner: error
            );
        }

        if (options.RequireRows && frame.RowCount == 0)
        {
            throw source.Invalid(
                "The file has columns but no rows.",
                "Check the program that wrote the file. At least one row is required."
            );
        }

        return frame;
    }

    private static ColumnFormat FormatOf(string path)
    {
        var name = path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? path[..^3] : path;
        return Path.GetExtension(name).ToLowerInvariant() switch
        {
            ".csv" or ".txt" => ColumnFormat.Csv,
            ".tsv" => ColumnFormat.Tsv,
            ".parquet" when name == path => ColumnFormat.Parquet,
            var extension => throw ServerlessException.Invalid(
                $"{path}: the extension '{extension}' is not supported.",
                "Use a .csv, .tsv or .txt file (optionally with .gz), or a .parquet file."
            ),
        };
    }
}
