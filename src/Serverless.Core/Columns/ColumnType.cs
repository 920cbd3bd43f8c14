namespace Serverless.Core.Columns;

/// <summary>What the values of a column are. Any of them can be null.</summary>
public enum ColumnType
{
    /// <summary>Whole numbers of 64 bits, exact.</summary>
    Integer,

    /// <summary>Double-precision numbers. NaN is null; infinities are values.</summary>
    Number,

    /// <summary>True and false, also readable as the numbers 1 and 0.</summary>
    Boolean,

    /// <summary>Text. The empty text does not survive a CSV file: there an empty field is null.</summary>
    Text,
}
