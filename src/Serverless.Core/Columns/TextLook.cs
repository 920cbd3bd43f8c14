using System.Globalization;
using System.Text.RegularExpressions;

namespace Serverless.Core.Columns;

/// <summary>What the values of a text column look like, if they do not look like text.</summary>
/// <param name="What">What they look like, as in "The values look like {What}".</param>
/// <param name="Fix">What to do about it.</param>
public sealed record TextFinding(string What, string Fix);

/// <summary>Finds text columns that were meant to be numbers or dates: as text, each value would be a category of its own.</summary>
public static partial class TextLook
{
    private const double Most = 0.9;
    private const int FewestDifferent = 10;

    /// <returns>Null for text that looks like text, and for columns of another type.</returns>
    public static TextFinding? Of(Column column)
    {
        ArgumentNullException.ThrowIfNull(column);
        if (column.Type != ColumnType.Text || column.NullCount == column.Length)
        {
            return null;
        }

        var seen = new Counts();
        for (var row = 0; row < column.Length; row++)
        {
            if (column.Texts[row] is { } text)
            {
                seen.Add(text);
            }
        }

        return seen.ToFinding();
    }

    private sealed class Counts
    {
        private readonly HashSet<string> plainValues = new(StringComparer.Ordinal);
        private long total;
        private long dates;
        private long localDates;
        private long commas;
        private long signs;
        private long plain;
        private string? date;
        private string? comma;
        private string? sign;
        private string? rest;

        public void Add(string text)
        {
            if (FieldText.IsNullMark(text))
            {
                return;
            }

            total++;
            if (Instant.TryParse(text, out _))
            {
                dates++;
                date ??= text;
            }
            else if (LocalDate().IsMatch(text))
            {
                localDates++;
                date ??= text;
            }
            else if (FieldText.HasLeadingZero(text))
            {
                // A code: 007.
                rest ??= text;
            }
            else if (FieldText.TryParseNumber(text, out _))
            {
                plain++;
                if (plainValues.Count < FewestDifferent)
                {
                    plainValues.Add(text);
                }
            }
            else if (DecimalComma().IsMatch(text))
            {
                commas++;
                comma ??= text;
            }
            else if (Signed().IsMatch(text))
            {
                signs++;
                sign ??= text;
            }
            else
            {
                rest ??= text;
            }
        }

        public TextFinding? ToFinding()
        {
            var least = total * Most;
            if (dates + localDates >= least && total > 0)
            {
                return new TextFinding(
                    $"dates (as '{FieldText.Shorten(date)}')",
                    "Exclude the column, or make numbers of it: an age in days, the month, the day of the week."
                );
            }

            if (commas > 0 && commas + plain >= least)
            {
                return new TextFinding(
                    $"numbers with a decimal comma (as '{FieldText.Shorten(comma)}')",
                    "Write numbers with a point, as in 3.14."
                );
            }

            if (signs > 0 && signs + plain + commas >= least)
            {
                return new TextFinding(
                    $"numbers with signs around them (as '{FieldText.Shorten(sign)}')",
                    "Write plain numbers, without units, percent signs and thousands separators."
                );
            }

            return plain >= least && plainValues.Count >= FewestDifferent && rest is not null
                ? new TextFinding(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"numbers ({plain} of {total} are, and '{FieldText.Shorten(rest)}' is not)"
                    ),
                    "Correct what is not a number, or leave the field empty where the value is missing."
                )
                : null;
        }
    }

    [GeneratedRegex(@"^\s*[+-]?(\d+|\d{1,3}([.' \u00a0\u202f]\d{3})+),\d+([eE][+-]?\d+)?\s*$")]
    private static partial Regex DecimalComma();

    [GeneratedRegex(
        @"^\s*[+-]?[$€£¥]?\s*[+-]?(\d+|\d{1,3}([,' \u00a0\u202f]\d{3})+)([.,]\d+)?\s*([%$€£¥]|EUR|USD|CHF|GBP|k?g|k?m|cm|mm|°C?)?\s*$",
        RegexOptions.IgnoreCase
    )]
    private static partial Regex Signed();

    [GeneratedRegex(
        @"^\s*(\d{1,2}[/.-]\d{1,2}[/.-](\d{4}|\d{2})([T ]\d{1,2}:\d{2}.*)?|"
            + @"(\d{1,2}\.? )?(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?( \d{1,2},?)? \d{4})\s*$",
        RegexOptions.IgnoreCase
    )]
    private static partial Regex LocalDate();
}
