namespace Serverless.Core.Columns;

/// <summary>What one table may cost. Everything that is read from outside is held against these limits before it is kept.</summary>
public sealed record ColumnLimits
{
    /// <summary>Most columns. Default: 10,000.</summary>
    public int Columns { get; init; } = 10_000;

    /// <summary>Most rows. Default: 100 million.</summary>
    public int Rows { get; init; } = 100_000_000;

    /// <summary>Most values, that is rows × columns. Default: 500 million, about 4 GB of numbers.</summary>
    public long Values { get; init; } = 500_000_000;

    /// <summary>Most bytes after unpacking. Default: 16 GiB.</summary>
    public long Bytes { get; init; } = 16L << 30;

    /// <summary>How long reading it may take. Default: 10 minutes.</summary>
    public TimeSpan Time { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>For the rows of one request.</summary>
    public static ColumnLimits OfRequest { get; } =
        new()
        {
            Rows = 5_000_000,
            Values = 20_000_000,
            Bytes = 256 << 20,
            Time = TimeSpan.FromSeconds(10),
        };

    internal void Check(ColumnSource source, long rows, long columns)
    {
        if (columns > Columns)
        {
            throw source.Invalid(
                FormattableString.Invariant($"The table has {columns} columns; {Columns} is the most."),
                "Leave columns out, or check the delimiter."
            );
        }

        if (rows > Rows || rows * Math.Max(columns, 1) > Values)
        {
            throw TooManyRows(source, columns);
        }
    }

    /// <summary>How many rows a table of so many columns may have.</summary>
    internal long RowsOf(long columns) => Math.Min(Rows, Values / Math.Max(columns, 1));

    internal ServerlessException TooManyRows(ColumnSource source, long columns) =>
        source.Invalid(
            FormattableString.Invariant(
                $"The table has more than {RowsOf(columns)} rows, the most for {columns} {(columns == 1 ? "column" : "columns")}."
            ),
            FormattableString.Invariant($"Split the table: it may have {Rows} rows, and {Values} values in all.")
        );

    internal ServerlessException TooManyBytes(ColumnSource source) =>
        source.Invalid(FormattableString.Invariant($"The table is larger than {Bytes >> 20} MiB, unpacked."), "Split the table.");
}
