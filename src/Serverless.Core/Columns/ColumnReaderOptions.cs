namespace Serverless.Core.Columns;

/// <summary>Options of <see cref="ColumnReader"/>. The defaults suit most files.</summary>
public sealed class ColumnReaderOptions
{
    /// <summary>
    /// Gets the types of columns by name, where the inferred type is not wanted (for example, an id to keep as text). A value that does
    /// not fit its type is an error with its line. A column that is missing from the file is an error.
    /// </summary>
    public IReadOnlyDictionary<string, ColumnType>? Types { get; init; }

    /// <summary>Gets the texts that mean null in every column, in addition to the empty field. Default: none.</summary>
    public IReadOnlyList<string> NullTexts { get; init; } = [];

    /// <summary>Gets the field delimiter of a text file. Default: detected from the header among comma, semicolon, tab and bar.</summary>
    public char? Delimiter { get; init; }

    /// <summary>
    /// Gets the encoding of a text file: utf-8 (the default), utf-16le, utf-16be, latin1 or windows-1252. A byte order mark in the file
    /// takes precedence.
    /// </summary>
    public string? Encoding { get; init; }

    /// <summary>
    /// Gets a value that indicates whether a file with columns but no rows is rejected. Default: false, which returns a frame without
    /// rows.
    /// </summary>
    public bool RequireRows { get; init; }

    /// <summary>
    /// True for a file that came from outside: Parquet is then read by a process that can be killed first (<see cref="ParquetProbe"/>).
    /// </summary>
    public bool IsUntrusted { get; init; }

    /// <summary>What the table may cost.</summary>
    public ColumnLimits Limits { get; init; } = new();
}
