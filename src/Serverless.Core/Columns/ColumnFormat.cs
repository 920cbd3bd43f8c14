namespace Serverless.Core.Columns;

/// <summary>The file formats that <see cref="ColumnReader"/> reads.</summary>
public enum ColumnFormat
{
    /// <summary>Delimited text with a header. The delimiter is found in the header unless the options name it.</summary>
    Csv,

    /// <summary>Delimited text with a header and tabs between the fields.</summary>
    Tsv,

    /// <summary>Apache Parquet with flat columns.</summary>
    Parquet,
}
