namespace Serverless.Core.Columns;

/// <summary>The type of a column's values. Every type allows nulls.</summary>
public enum ColumnType
{
    /// <summary>Exact 64-bit integers.</summary>
    Integer,

    /// <summary>Double-precision numbers. NaN means null; infinities are values.</summary>
    Number,

    /// <summary>True and false, also readable as the numbers 1 and 0.</summary>
    Boolean,

    /// <summary>Text. Empty text does not survive a CSV file, where an empty field is null.</summary>
    Text,
}
