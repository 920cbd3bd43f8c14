using Serverless.Core.Columns;

namespace Serverless.Monitoring.Profiles;

internal static class TextProfiler
{
    public static ColumnProfile Profile(Column column, ProfileOptions options)
    {
        var counts = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var text in column.Texts)
        {
            if (text is not null)
            {
                counts[text] = counts.GetValueOrDefault(text) + 1;
            }
        }

        var top = new TopList<string>(options.TopValues);
        foreach (var (value, count) in counts)
        {
            top.Offer(value, count);
        }

        return new ColumnProfile
        {
            Name = column.Name,
            Type = column.Type,
            Count = column.Length,
            NullCount = column.NullCount,
            DistinctCount = counts.Count,
            TopValues = top.Take(value => value),
        };
    }
}
