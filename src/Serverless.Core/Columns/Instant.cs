using System.Globalization;
using System.Text.RegularExpressions;

namespace Serverless.Core.Columns;

/// <summary>
/// A point in time that a text names. Only forms with one reading count: the year first, then month and day, perhaps with a time and an
/// offset (ISO 8601 and what databases write). <c>09/30/2026</c> and <c>Sep 2026</c> are not read.
/// </summary>
/// <param name="Ticks">In UTC; without an offset, as if the offset were zero.</param>
/// <param name="HasOffset">False for a time of day that nobody says the zone of.</param>
public readonly partial record struct Instant(long Ticks, bool HasOffset)
{
    /// <summary>Reads a text; false if it does not say for sure when it is.</summary>
    public static bool TryParse(string? text, out Instant instant)
    {
        instant = default;
        if (text is null || text.Length > 64 || Form().Match(text) is not { Success: true } match)
        {
            return false;
        }

        var (year, month, day) = (Number(match, "y", 0), Number(match, "m", 1), Number(match, "d", 1));
        var (hour, minute, second) = (Number(match, "h", 0), Number(match, "i", 0), Number(match, "s", 0));
        if (
            year < 1
            || month is < 1 or > 12
            || day < 1
            || day > DateTime.DaysInMonth(year, month)
            || hour > 24
            || minute > 59
            || second > 60
        )
        {
            return false;
        }

        var fraction = match.Groups["f"].Value;
        var ticks =
            new DateTime(year, month, day).Ticks
            + (hour * TimeSpan.TicksPerHour)
            + (minute * TimeSpan.TicksPerMinute)
            + (second * TimeSpan.TicksPerSecond)
            + (fraction.Length == 0 ? 0 : long.Parse(fraction.PadRight(7, '0')[..7], CultureInfo.InvariantCulture));
        var zone = match.Groups["z"];
        instant = new Instant(ticks - OffsetOf(match), zone.Success);
        return true;
    }

    private static int Number(Match match, string group, int other) =>
        match.Groups[group] is { Success: true } found ? int.Parse(found.ValueSpan, CultureInfo.InvariantCulture) : other;

    private static long OffsetOf(Match match)
    {
        if (!match.Groups["oh"].Success)
        {
            return 0;
        }

        var ticks = (Number(match, "oh", 0) * TimeSpan.TicksPerHour) + (Number(match, "om", 0) * TimeSpan.TicksPerMinute);
        return match.Groups["sign"].Value == "-" ? -ticks : ticks;
    }

    [GeneratedRegex(
        @"^\s*(?<y>\d{4})(?<sep>[-/.])(?<m>\d{1,2})(\k<sep>(?<d>\d{1,2})"
            + @"([T ]\s*(?<h>\d{1,2}):(?<i>\d{2})(:(?<s>\d{2})([.,](?<f>\d{1,9}))?)?\s*(?<z>Z|UTC|GMT|"
            + @"(?<sign>[+-])(?<oh>\d{2}):?(?<om>\d{2})?)?)?)?\s*$",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant
    )]
    private static partial Regex Form();
}
