using Parquet;
using Parquet.Schema;

namespace Serverless.Core.Columns;

/// <summary>Writes a frame as Parquet, each column in its own type; null stays null.</summary>
internal static class ParquetColumnWriter
{
    private const int RowsPerGroup = 1 << 20;

    public static async Task WriteAsync(ColumnFrame frame, Stream stream, CancellationToken cancellationToken)
    {
        DataField[] fields = [.. frame.Columns.Select(FieldOf)];
        await using var writer = await ParquetWriter.CreateAsync(new ParquetSchema(fields), stream, cancellationToken: cancellationToken);
        for (var from = 0; from == 0 || from < frame.RowCount; from += RowsPerGroup)
        {
            var rows = Math.Min(RowsPerGroup, frame.RowCount - from);
            using var group = writer.CreateRowGroup();
            for (var i = 0; i < fields.Length; i++)
            {
                await WriteAsync(group, fields[i], frame.Columns[i], from, rows, cancellationToken);
            }
        }
    }

    private static DataField FieldOf(Column column) =>
        column.Type switch
        {
            ColumnType.Integer => new DataField<long?>(column.Name),
            ColumnType.Number => new DataField<double?>(column.Name),
            ColumnType.Boolean => new DataField<bool?>(column.Name),
            _ => new DataField<string>(column.Name),
        };

    private static async Task WriteAsync(
        ParquetRowGroupWriter group,
        DataField field,
        Column column,
        int from,
        int rows,
        CancellationToken cancellationToken
    )
    {
        switch (column.Type)
        {
            case ColumnType.Integer:
                await group.WriteAsync<long>(field, Values(row => column.GetInteger(row)), cancellationToken: cancellationToken);
                break;
            case ColumnType.Number:
                await group.WriteAsync<double>(
                    field,
                    Values<double?>(row => column.IsNull(row) ? null : column.GetNumber(row)),
                    cancellationToken: cancellationToken
                );
                break;
            case ColumnType.Boolean:
                await group.WriteAsync<bool>(
                    field,
                    Values<bool?>(row => column.IsNull(row) ? null : column.GetNumber(row) != 0),
                    cancellationToken: cancellationToken
                );
                break;
            default:
                await group.WriteAsync(field, column.Texts.Slice(from, rows).ToArray()!);
                break;
        }

        ReadOnlyMemory<T> Values<T>(Func<int, T> value)
        {
            var values = new T[rows];
            for (var row = 0; row < rows; row++)
            {
                values[row] = value(from + row);
            }

            return values;
        }
    }
}
