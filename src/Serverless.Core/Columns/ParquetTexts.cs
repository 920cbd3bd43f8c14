using Parquet;
using Parquet.Schema;

namespace Serverless.Core.Columns;

/// <summary>Reads a text column of a Parquet file. Equal texts share one string.</summary>
internal static class ParquetTexts
{
    public static async Task<Column> ReadAsync(ParquetReader reader, DataField field, CancellationToken cancellationToken)
    {
        var values = new string?[checked((int)reader.RowGroups.Sum(group => group.RowCount))];
        var start = 0;
        foreach (var group in reader.RowGroups)
        {
            var rows = checked((int)group.RowCount);
            await group.ReadAsync(field, values.AsMemory(start, rows)!, cancellationToken: cancellationToken);
            start += rows;
        }

        var pool = new TextPool();
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = values[i] is { } value ? pool.Get(value) : null;
        }

        return Column.FromTexts(field.Name, values);
    }
}
