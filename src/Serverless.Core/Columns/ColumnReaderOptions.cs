namespace Serverless.Core.Columns;

/// <summary>How <see cref="ColumnReader"/> reads. The defaults suit most files.</summary>
public sealed class ColumnReaderOptions
{
    /// <summary>
    /// The types of columns by name, where the inferred one is not wanted (an id to keep as text, say). A value that
    /// does not fit its type is an error with its line. A name that the file lacks is an error.
    /// </summary>
    public IReadOnlyDictionary<string, ColumnType>? Types { get; init; }

    /// <summary>Texts that mean null in every column, next to the empty field. Default: none.</summary>
    public IReadOnlyList<string> NullTexts { get; init; } = [];

    /// <summary>Text files only: what separates fields. Default: found in the header out of comma, semicolon, tab and bar.</summary>
    public char? Delimiter { get; init; }

    /// <summary>
    /// Text files only: utf-8 (the default), utf-16le, utf-16be, latin1 or windows-1252. A byte order mark in the file wins.
    /// </summary>
    public string? Encoding { get; init; }

    /// <summary>Refuses a file that has columns but no rows. Default: false, the frame then has no rows.</summary>
    public bool RequireRows { get; init; }

    /// <summary>
    /// True for a file that came from outside: Parquet is then read by a process that can be killed first (<see cref="ParquetProbe"/>).
    /// </summary>
    public bool IsUntrusted { get; init; }

    /// <summary>What the table may cost.</summary>
    public ColumnLimits Limits { get; init; } = new();
}
