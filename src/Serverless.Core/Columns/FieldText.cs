using System.Globalization;

namespace Serverless.Core.Columns;

/// <summary>Interprets the text of a field as null, a number, a boolean, or none of these.</summary>
internal static class FieldText
{
    private const NumberStyles Decimal =
        NumberStyles.AllowLeadingWhite
        | NumberStyles.AllowTrailingWhite
        | NumberStyles.AllowLeadingSign
        | NumberStyles.AllowDecimalPoint
        | NumberStyles.AllowExponent;

    private const NumberStyles Whole = NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite | NumberStyles.AllowLeadingSign;

    /// <summary>Returns true for texts that mean null where numbers or booleans are expected.</summary>
    public static bool IsNullMark(ReadOnlySpan<char> field)
    {
        var text = field.Trim();
        return text.Length switch
        {
            0 => true,
            2 => text is "NA",
            3 => text.Equals("NaN", StringComparison.OrdinalIgnoreCase) || text is "N/A" or "n/a",
            4 => text.Equals("null", StringComparison.OrdinalIgnoreCase) || text is "#N/A" or "<NA>" or "-nan" or "+nan",
            _ => false,
        };
    }

    public static bool TryParseInteger(ReadOnlySpan<char> field, out long value) =>
        long.TryParse(field, Whole, CultureInfo.InvariantCulture, out value);

    /// <summary>Parses a finite or infinite number. Texts for NaN are null markers, not numbers.</summary>
    public static bool TryParseNumber(ReadOnlySpan<char> field, out double value)
    {
        value = double.NaN;
        if (field.IsEmpty)
        {
            return false;
        }

        var first = field[0];
        if (first is >= '0' and <= '9' or '-' or '+' or '.' || char.IsWhiteSpace(first))
        {
            if (double.TryParse(field, Decimal, CultureInfo.InvariantCulture, out value) && !double.IsNaN(value))
            {
                return true;
            }
        }

        return TryParseInfinity(field.Trim(), out value);
    }

    public static bool TryParseBoolean(ReadOnlySpan<char> field, out bool value)
    {
        var text = field.Trim();
        value = text.Equals("true", StringComparison.OrdinalIgnoreCase);
        return value || text.Equals("false", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Returns true for digits that a number would not preserve, such as the leading zeros of "007".</summary>
    public static bool HasLeadingZero(ReadOnlySpan<char> field)
    {
        var text = field.Trim();
        if (text.Length > 0 && text[0] is '-' or '+')
        {
            text = text[1..];
        }

        return text.Length > 1 && text[0] == '0' && IsDigits(text);
    }

    /// <summary>Returns true for an integer in plain digits, of any length.</summary>
    public static bool IsWhole(ReadOnlySpan<char> field)
    {
        var text = field.Trim();
        if (text.Length > 0 && text[0] is '-' or '+')
        {
            text = text[1..];
        }

        return IsDigits(text);
    }

    /// <summary>
    /// Returns the shortest text that reads back as the same number, with <c>inf</c> and <c>-inf</c> as in NumPy and pandas.
    /// </summary>
    public static string Format(double value) =>
        double.IsPositiveInfinity(value) ? "inf"
        : double.IsNegativeInfinity(value) ? "-inf"
        : value.ToString("R", CultureInfo.InvariantCulture);

    /// <summary>Shortens a text to a length that fits into an error message.</summary>
    public static string Shorten(ReadOnlySpan<char> text) => text.Length <= 40 ? text.ToString() : $"{text[..40]}…";

    private static bool IsDigits(ReadOnlySpan<char> text) => text.Length > 0 && !text.ContainsAnyExceptInRange('0', '9');

    private static bool TryParseInfinity(ReadOnlySpan<char> text, out double value)
    {
        value = double.PositiveInfinity;
        if (text.Length > 0 && text[0] is '-' or '+')
        {
            value = text[0] == '-' ? double.NegativeInfinity : value;
            text = text[1..];
        }

        return text.Equals("inf", StringComparison.OrdinalIgnoreCase) || text.Equals("infinity", StringComparison.OrdinalIgnoreCase);
    }
}
