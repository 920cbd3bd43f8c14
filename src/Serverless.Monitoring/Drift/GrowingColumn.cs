using System.Globalization;
using System.Text.RegularExpressions;
using Serverless.Core.Columns;
using Serverless.Monitoring.Drift.Profiles;

namespace Serverless.Monitoring.Drift;

/// <summary>
/// Columns that can only grow: dates, times as numbers, running numbers. New data never has the old values, so a test would find just that,
/// and say nothing about drift.
/// </summary>
internal static partial class GrowingColumn
{
    private const int FewestValues = 20;
    private const int FewestRunning = 30;
    private const double FirstSecond = 946_684_800; // 2000-01-01
    private const double LastSecond = 4_102_444_800; // 2100-01-01
    private const double FiveYears = 5 * 366 * 86_400;

    private static readonly double[] Units = [1, 1e3, 1e6, 1e9];

    /// <returns>Why the column is left out; null if it is one to compare.</returns>
    public static string? NoteOf(ReferenceColumn column)
    {
        if (column.Categories is { } categories)
        {
            return
                column.Type == ColumnType.Text
                && categories.Counts.Count >= 2
                && categories.Counts.Keys.All(text => Instant.TryParse(text, out _))
                ? "dates or times: new data has later ones"
                : null;
        }

        if (column.Numeric is not { } numeric || column.Values < FewestValues)
        {
            return null;
        }

        if (IsEpoch(column, numeric) || IsDateNumber(column, numeric))
        {
            return "times as numbers: new data has later ones";
        }

        return
            column.Type == ColumnType.Integer
            && column.Values >= FewestRunning
            && numeric.Distinct == column.Values
            && numeric.Max - numeric.Min < 2.0 * column.Values
            ? "a running number: every row of the reference has another value, and new data goes on from there"
            : null;
    }

    // Amounts may be as large as a time. A time is told by its column's name, or by values that mostly differ and lie within a few years.
    private static bool IsEpoch(ReferenceColumn column, NumericReference numeric) =>
        Units.Any(unit =>
            numeric.Min >= FirstSecond * unit
            && numeric.Max <= LastSecond * unit
            && (TimeName().IsMatch(column.Name) || (numeric.Distinct * 2 >= column.Values && numeric.Max - numeric.Min <= FiveYears * unit))
        );

    // 20260930, in a column that says so.
    private static bool IsDateNumber(ReferenceColumn column, NumericReference numeric) =>
        TimeName().IsMatch(column.Name) && IsDate(numeric.Min) && IsDate(numeric.Max);

    private static bool IsDate(double value) =>
        value is >= 19_000_101 and <= 21_001_231
        && DateTime.TryParseExact(
            value.ToString("0", CultureInfo.InvariantCulture),
            "yyyyMMdd",
            CultureInfo.InvariantCulture,
            DateTimeStyles.None,
            out _
        );

    [GeneratedRegex(@"(^|[_\-. ])(date|day|time|timestamp|datetime|ts|epoch|at)($|[_\-. ])|(Date|Time|Timestamp|At)$", RegexOptions.None)]
    private static partial Regex TimeName();
}
