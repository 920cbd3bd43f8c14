using Serverless.Core.Columns;

namespace Serverless.Monitoring.Drift.Profiles;

/// <summary>
/// The reference of drift reports, once read and kept in little space: a report then reads the new data only.
/// <para>
/// Kept exactly: counts of rows, nulls and infinities, moments, the least and the largest value, the counts of categories, and the values
/// of numeric columns with no more different values than <see cref="ReferenceProfileOptions.ExactValues"/>. Of other numeric columns it
/// keeps the counts between many quantiles; then a Kolmogorov-Smirnov distance is too small by at most the share between two of them
/// (1/2000 by default), PSI by deciles is exact, Wasserstein's distance is so except in a gap where the distribution functions cross, and
/// distances over Evidently's bins take values to be spread evenly within a gap.
/// </para>
/// </summary>
public sealed class ReferenceProfile
{
    internal ReferenceProfile(long rowCount, IReadOnlyList<ReferenceColumn> columns, string? by, IReadOnlyList<ReferenceSegment> segments)
    {
        RowCount = rowCount;
        Columns = columns;
        By = by;
        Segments = segments;
    }

    public long RowCount { get; }

    public IReadOnlyList<string> ColumnNames => [.. Columns.Select(column => column.Name)];

    public IReadOnlyDictionary<string, ColumnType> ColumnTypes =>
        Columns.ToDictionary(column => column.Name, column => column.Type, StringComparer.Ordinal);

    /// <summary>Gets the column whose values define the segments; null without segments.</summary>
    public string? By { get; }

    internal IReadOnlyList<ReferenceColumn> Columns { get; }

    internal IReadOnlyList<ReferenceSegment> Segments { get; }

    public static ReferenceProfile Of(ColumnFrame frame, ReferenceProfileOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(frame);
        options ??= new ReferenceProfileOptions();
        options.Check();
        var columns = frame.Columns.Select(column => ReferenceColumn.Of(column, options)).ToList();
        if (options.By is null)
        {
            return new ReferenceProfile(frame.RowCount, columns, null, []);
        }

        var segments = SegmentRows
            .Of(frame, options.By)
            .OrderByDescending(segment => segment.Rows.Count)
            .ThenBy(segment => segment.Value, StringComparer.Ordinal)
            .Take(options.Segments)
            .Select(segment => new ReferenceSegment(
                segment.Value,
                Of(frame.Take(segment.Rows).Without(options.By), options with { By = null })
            ));
        return new ReferenceProfile(frame.RowCount, columns, options.By, [.. segments]);
    }

    /// <summary>Reads a profile that <see cref="ToJson"/> wrote.</summary>
    public static ReferenceProfile FromJson(string json) => ReferenceProfileJson.Read(json);

    public string ToJson() => ReferenceProfileJson.Write(this);
}
