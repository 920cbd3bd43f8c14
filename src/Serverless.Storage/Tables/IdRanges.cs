using System.Globalization;

namespace Serverless.Storage.Tables;

/// <summary>
/// Splits a range of keys that end in random hexadecimal ids into pieces of about one page each. The ids are evenly distributed, so the
/// end of the first page gives the total number.
/// </summary>
internal static class IdRanges
{
    private const int Digits = 4;
    private const int Span = 1 << (4 * Digits);

    /// <summary>A margin, because a piece that is slightly longer than a page costs another request.</summary>
    private const double RowsAPiece = 900;

    /// <param name="prefix">The common prefix of the keys; the id follows it.</param>
    /// <param name="last">The last key of the first page.</param>
    /// <param name="rows">The number of rows in the first page.</param>
    /// <returns>The pieces, each from a key (inclusive) to a key (exclusive); the last one is open. One piece if the ids have another
    /// form.</returns>
    public static IReadOnlyList<(string From, string? Before)> After(string prefix, string last, int rows)
    {
        // The smallest key that sorts after the last one.
        var from = last + "\0";
        if (
            last.Length < prefix.Length + Digits
            || !int.TryParse(last.AsSpan(prefix.Length, Digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var at)
        )
        {
            return [(from, null)];
        }

        var left = rows / (double)(at + 1) * (Span - at - 1);
        var count = Math.Clamp((int)Math.Ceiling(left / RowsAPiece), 1, Span - at);
        var pieces = new List<(string, string?)>(count);
        for (var i = 1; i <= count; i++)
        {
            var end = i == count ? null : prefix + (at + (int)((long)(Span - at) * i / count)).ToString("x4", CultureInfo.InvariantCulture);
            if (end is null || string.CompareOrdinal(end, from) > 0)
            {
                pieces.Add((from, end));
                from = end ?? from;
            }
        }

        return pieces;
    }
}
