using System.Globalization;
using System.Text;
using System.Text.Json;
using Serverless.Core.Columns;

namespace Serverless.Serving.Invocations;

/// <summary>An output as columns of a table: an array becomes a column a value, named after its place or its key.</summary>
public static class FlatColumns
{
    private const int Most = 1000;

    public static IEnumerable<Column> Of(ServingColumn output, int rows)
    {
        ArgumentNullException.ThrowIfNull(output);
        if (output.ItemLength == 1 && output.Keys is null)
        {
            return [output.Values];
        }

        return output.ItemLength > Most
            ? [Column.FromTexts(output.Values.Name, [.. Enumerable.Range(0, rows).Select(row => Json(output, row))])]
            : Enumerable
                .Range(0, output.ItemLength)
                .Select(place =>
                    output
                        .Values.Take([.. Enumerable.Range(0, rows).Select(row => (row * output.ItemLength) + place)])
                        .Rename($"{output.Values.Name}_{Name(output, place)}")
                );
    }

    /// <summary>A class, or the place in each dimension: `probabilities_yes`, `embedding_0_2`.</summary>
    private static string Name(ServingColumn output, int place)
    {
        if (output.Keys is { } keys)
        {
            return keys[place];
        }

        var parts = new List<string>();
        foreach (var size in output.ItemShape.Reverse())
        {
            parts.Insert(0, (place % size).ToString(CultureInfo.InvariantCulture));
            place /= size;
        }

        return string.Join('_', parts);
    }

    // A table of very many columns is of no use; the values in their order are.
    private static string Json(ServingColumn output, int row)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartArray();
            for (var i = 0; i < output.ItemLength; i++)
            {
                ColumnJson.WriteValue(json, output.Values, (row * output.ItemLength) + i);
            }

            json.WriteEndArray();
        }

        return Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length);
    }
}
