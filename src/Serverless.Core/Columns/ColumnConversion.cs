using System.Globalization;

namespace Serverless.Core.Columns;

/// <summary>
/// The one rule that says whether a value is of a type, whatever wrote it. Every door that holds data against an expected type asks it:
/// the inbox, checks, drift, training, comparison, predict and serving.
/// <para>
/// A value that is null is of every type. A whole number may be written <c>2</c> or <c>2.0</c>, as pandas does in a column with gaps.
/// True and false may be written <c>1</c> and <c>0</c>, and the other way round. A number may stand in a text column if every value of the
/// column is a number there and has no leading zeros. <c>2.5</c> is no whole number, <c>3,14</c> is no number, and a number is no text.
/// </para>
/// </summary>
public static class ColumnConversion
{
    private const double Exact = 1L << 53;

    /// <summary>True if every value of the column is of the type.</summary>
    public static bool Fits(Column column, ColumnType type) => FirstMisfit(column, type) < 0;

    /// <summary>The first row whose value is not of the type; -1 if all are.</summary>
    public static int FirstMisfit(Column column, ColumnType type)
    {
        ArgumentNullException.ThrowIfNull(column);
        if (column.Type == type || (type == ColumnType.Number && column.IsNumeric))
        {
            return -1;
        }

        for (var row = 0; row < column.Length; row++)
        {
            if (!Fits(column, row, type))
            {
                return row;
            }
        }

        return -1;
    }

    /// <summary>True if the value of a row is of the type.</summary>
    public static bool Fits(Column column, int row, ColumnType type)
    {
        ArgumentNullException.ThrowIfNull(column);
        return column.IsNull(row) || column.Type == type || (type != ColumnType.Text && TryNumber(column, row, type, out _));
    }

    /// <summary>The column as the type; null if a value is not of it.</summary>
    public static Column? To(Column column, ColumnType type)
    {
        ArgumentNullException.ThrowIfNull(column);
        if (column.Type == type)
        {
            return column;
        }

        if (type == ColumnType.Text)
        {
            return column.NullCount == column.Length ? Column.FromTexts(column.Name, new string?[column.Length]) : null;
        }

        var numbers = new double[column.Length];
        var integers = type == ColumnType.Integer ? new long[column.Length] : null;
        for (var row = 0; row < numbers.Length; row++)
        {
            numbers[row] = double.NaN;
            if (column.IsNull(row))
            {
                continue;
            }

            if (!TryNumber(column, row, type, out numbers[row]))
            {
                return null;
            }

            if (integers is not null && !double.IsNaN(numbers[row]))
            {
                integers[row] = WholeOf(column, row, numbers[row]);
            }
        }

        return Column.FromBuffers(column.Name, type, numbers, integers);
    }

    /// <summary>The column as the type where it fits, else as it is.</summary>
    public static Column ToOrSame(Column column, ColumnType type) => To(column, type) ?? column;

    /// <summary>The type that these texts have as the values of one column of a CSV file.</summary>
    public static ColumnType TypeOf(IReadOnlyCollection<string> texts)
    {
        var builder = new InferringColumnBuilder("value", []);
        foreach (var text in texts)
        {
            builder.Append(text, 0);
        }

        return builder.NeedsTexts ? ColumnType.Text : builder.Build().Type;
    }

    /// <summary>
    /// A value as the column would write it, so that <c>1</c>, <c>1.0</c> and <c>true</c> can be looked up among its values; the text as it
    /// is if it is no value of the type.
    /// </summary>
    public static string TextIn(string text, ColumnType type) =>
        To(Column.FromTexts("value", [text]), type) is { } column ? column.GetText(0) ?? text : text;

    private static bool TryNumber(Column column, int row, ColumnType type, out double number)
    {
        if (column.IsNumeric)
        {
            number = column.GetNumber(row);
        }
        else if (!TryNumber(column.Texts[row], out number))
        {
            return false;
        }

        return double.IsNaN(number)
            || type switch
            {
                ColumnType.Integer => (column.Type == ColumnType.Integer || Math.Abs(number) <= Exact || IsLong(column, row))
                    && Math.Floor(number) == number,
                ColumnType.Boolean => number is 0 or 1,
                _ => true,
            };
    }

    // A mark for a missing value in a column of text is NaN here, as it is where the type is inferred.
    private static bool TryNumber(string? text, out double number)
    {
        number = double.NaN;
        if (text is null || FieldText.IsNullMark(text))
        {
            return true;
        }

        if (FieldText.TryParseBoolean(text, out var truth))
        {
            number = truth ? 1 : 0;
            return true;
        }

        return !FieldText.HasLeadingZero(text) && FieldText.TryParseNumber(text, out number);
    }

    private static bool IsLong(Column column, int row) =>
        column.Type == ColumnType.Text && FieldText.TryParseInteger(column.Texts[row], out _);

    private static long WholeOf(Column column, int row, double number) =>
        column.Type == ColumnType.Text
        && long.TryParse(column.Texts[row], NumberStyles.Integer, CultureInfo.InvariantCulture, out var exact)
            ? exact
            : (long)number;
}
