using System.Globalization;

namespace Serverless.Storage.Tables;

/// <summary>
/// Cuts a range of keys that end in random hexadecimal ids into pieces of about one page each. Where the first page ends tells how many
/// there are in all, since the ids are spread evenly.
/// </summary>
internal static class IdRanges
{
    private const int Digits = 4;
    private const int Span = 1 << (4 * Digits);

    /// <summary>Some room: a piece that is a little longer than a page costs a request more.</summary>
    private const double RowsAPiece = 900;

    /// <param name="prefix">What all the keys begin with; the id comes after it.</param>
    /// <param name="last">The last key of the first page.</param>
    /// <param name="rows">How many rows the first page had.</param>
    /// <returns>From where (that key included) to before which key the pieces reach; the last one is open. One piece if the ids are not
    /// such.</returns>
    public static IReadOnlyList<(string From, string? Before)> After(string prefix, string last, int rows)
    {
        // The smallest key that comes after the last one.
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
