using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Serverless.Core.Columns;
using Serverless.Serving.Invocations;

namespace Serverless.Api.Native.Serving;

/// <summary>`{"predictions": …}`: one record per row for a table, one array per output for arrays.</summary>
internal static class PredictionJson
{
    private static readonly JsonWriterOptions Writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static ArrayBufferWriter<byte> Write(ModelOutput output, ServingInput input)
    {
        var buffer = new ArrayBufferWriter<byte>(Math.Max(256, input.Rows * 48));
        using var json = new Utf8JsonWriter(buffer, Writing);
        json.WriteStartObject();
        json.WritePropertyName("predictions");
        if (input.IsFrame)
        {
            WriteRecords(json, output, input.Rows);
        }
        else
        {
            json.WriteStartObject();
            foreach (var column in output.Columns)
            {
                json.WritePropertyName(column.Values.Name);
                if (column.Keys is not null)
                {
                    json.WriteStartArray();
                    for (var row = 0; row < input.Rows; row++)
                    {
                        WriteItem(json, column, row);
                    }

                    json.WriteEndArray();
                    continue;
                }

                var at = 0;
                WriteArray(json, column, [input.Rows, .. column.ItemShape], 0, ref at);
            }

            json.WriteEndObject();
        }

        json.WriteEndObject();
        json.Flush();
        return buffer;
    }

    private static void WriteRecords(Utf8JsonWriter json, ModelOutput output, int rows)
    {
        var names = output
            .Columns.Select(c => JsonEncodedText.Encode(c.Values.Name, JavaScriptEncoder.UnsafeRelaxedJsonEscaping))
            .ToArray();
        json.WriteStartArray();
        for (var row = 0; row < rows; row++)
        {
            json.WriteStartObject();
            for (var i = 0; i < names.Length; i++)
            {
                json.WritePropertyName(names[i]);
                var column = output.Columns[i];
                WriteItem(json, column, row);
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    /// <summary>A row's value. An array with a single value is flattened, as in MLflow.</summary>
    private static void WriteItem(Utf8JsonWriter json, ServingColumn column, int row)
    {
        var at = row * column.ItemLength;
        if (column.Keys is { } keys)
        {
            json.WriteStartObject();
            for (var i = 0; i < keys.Count; i++)
            {
                json.WritePropertyName(keys[i]);
                ColumnJson.WriteValue(json, column.Values, at + i);
            }

            json.WriteEndObject();
        }
        else if (column.ItemLength == 1)
        {
            ColumnJson.WriteValue(json, column.Values, at);
        }
        else
        {
            WriteArray(json, column, [.. column.ItemShape], 0, ref at);
        }
    }

    private static void WriteArray(Utf8JsonWriter json, ServingColumn column, int[] shape, int depth, ref int at)
    {
        json.WriteStartArray();
        for (var i = 0; i < shape[depth]; i++)
        {
            if (depth + 1 == shape.Length)
            {
                ColumnJson.WriteValue(json, column.Values, at++);
            }
            else
            {
                WriteArray(json, column, shape, depth + 1, ref at);
            }
        }

        json.WriteEndArray();
    }
}
