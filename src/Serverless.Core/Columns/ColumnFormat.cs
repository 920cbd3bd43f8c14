namespace Serverless.Core.Columns;

/// <summary>The file formats that <see cref="ColumnReader"/> reads.</summary>
public enum ColumnFormat
{
    /// <summary>Delimited text with a header. The delimiter is detected from the header unless the options set it.</summary>
    Csv,

    /// <summary>Tab-delimited text with a header.</summary>
    Tsv,

    /// <summary>Apache Parquet with flat columns.</summary>
    Parquet,
}
