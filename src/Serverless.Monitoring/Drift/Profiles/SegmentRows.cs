using Serverless.Core.Columns;

namespace Serverless.Monitoring.Drift.Profiles;

/// <summary>Profiles the rows of one segment.</summary>
internal sealed record ReferenceSegment(string Value, ReferenceProfile Profile);

/// <summary>Selects the rows of a frame with one value in the segment column.</summary>
internal sealed record SegmentRows(string Value, List<int> Rows)
{
    /// <summary>The name of the segment of rows without a value.</summary>
    public const string None = "(null)";

    public static IEnumerable<SegmentRows> Of(ColumnFrame frame, string by)
    {
        var column = frame[by];
        var segments = new Dictionary<string, SegmentRows>(StringComparer.Ordinal);
        for (var row = 0; row < column.Length; row++)
        {
            var value = column.GetText(row) ?? None;
            if (!segments.TryGetValue(value, out var segment))
            {
                segments.Add(value, segment = new SegmentRows(value, []));
            }

            segment.Rows.Add(row);
        }

        return segments.Values;
    }
}
