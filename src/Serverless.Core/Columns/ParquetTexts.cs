using Parquet;
using Parquet.Schema;

namespace Serverless.Core.Columns;

/// <summary>
/// Reads a text column of a Parquet file, equal texts as one string. A dictionary names a long text once and means it in each row, so
/// the strings are made here, where they are counted, and not by the library.
/// </summary>
internal sealed class ParquetTexts(ParquetReader reader, DataField field, long mostBytes, Func<Exception> exceeded)
{
    private readonly TextPool pool = new();
    private long bytes;

    public async Task<Column> ReadAsync(CancellationToken cancellationToken)
    {
        var values = new string?[checked((int)reader.RowGroups.Sum(group => group.RowCount))];
        var start = 0;
        foreach (var group in reader.RowGroups)
        {
            var rows = checked((int)group.RowCount);
            if (field.IsNullable)
            {
                var texts = new ReadOnlyMemory<char>?[rows];
                await group.ReadAsync<ReadOnlyMemory<char>>(field, texts.AsMemory(), cancellationToken: cancellationToken);
                for (var i = 0; i < rows; i++)
                {
                    values[start + i] = texts[i] is { } text ? Get(text.Span) : null;
                }
            }
            else
            {
                var texts = new ReadOnlyMemory<char>[rows];
                await group.ReadAsync(field, texts.AsMemory(), cancellationToken: cancellationToken);
                for (var i = 0; i < rows; i++)
                {
                    values[start + i] = Get(texts[i].Span);
                }
            }

            start += rows;
        }

        return Column.FromTexts(field.Name, values);
    }

    private string Get(ReadOnlySpan<char> text)
    {
        var known = pool.Count;
        var value = pool.Get(text);
        // Only what is pooled is one string for all its rows.
        bytes += pool.IsFull || pool.Count > known ? 2L * text.Length : 0;
        return bytes <= mostBytes ? value : throw exceeded();
    }
}
