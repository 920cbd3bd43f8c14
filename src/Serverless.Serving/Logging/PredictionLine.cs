using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Serverless.Core.Columns;
using Serverless.Serving.Invocations;

namespace Serverless.Serving.Logging;

/// <summary>
/// One request as a line of columnar JSON. The fields that a label is checked against come first, so that the check reads no further.
/// </summary>
internal static class PredictionLine
{
    private static readonly JsonWriterOptions Writing = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        SkipValidation = true,
    };

    public static void Write(IBufferWriter<byte> to, ServingOutcome outcome)
    {
        using (var json = new Utf8JsonWriter(to, Writing))
        {
            json.WriteStartObject();
            json.WriteString("request", outcome.RequestId);
            json.WriteNumber("rows", outcome.Rows);
            if (outcome.Classes is { } classes)
            {
                json.WriteStartObject("classes");
                json.WriteString("positive", classes.Positive);
                json.WriteString("negative", classes.Negative);
                json.WriteNumber("threshold", classes.Threshold);
                json.WriteEndObject();
            }

            json.WriteBoolean("number", outcome.Classes is null && outcome.Scores.Count > 0);
            json.WriteNumber("version", outcome.Version);
            json.WriteString("time", outcome.Time);
            json.WriteString("choice", outcome.Choice.Why);
            if (outcome.RequestKey != outcome.RequestId)
            {
                json.WriteString("key", outcome.RequestKey);
            }

            json.WriteNumber("ms", Math.Round(outcome.Latency.TotalMilliseconds, 3));
            json.WriteStartArray("scores");
            foreach (var score in outcome.Scores)
            {
                // JSON cannot represent such a score, and a truncated line would corrupt the next one.
                if (double.IsFinite(score))
                {
                    json.WriteNumberValue(score);
                }
                else
                {
                    json.WriteNullValue();
                }
            }

            json.WriteEndArray();
            // The scores are already written, and a numeric output adds nothing.
            WriteColumns(
                json,
                "outputs",
                outcome.Output!.Columns.Where(c => outcome.Scores.Count == 0 || c.Values.Type != ColumnType.Number)
            );
            WriteColumns(
                json,
                "inputs",
                outcome.Input!.Columns.Where(c => outcome.Signature.Count == 0 || outcome.Signature.Any(s => s.Name == c.Values.Name))
            );
            json.WriteEndObject();
        }

        to.Write("\n"u8);
    }

    /// <summary>Arrays, such as images, are not logged: they would dwarf the rest of the log.</summary>
    private static void WriteColumns(Utf8JsonWriter json, string name, IEnumerable<ServingColumn> columns)
    {
        json.WriteStartObject(name);
        foreach (var column in columns.Where(c => c.ItemShape.Count == 0).Select(c => c.Values))
        {
            json.WriteStartArray(column.Name);
            for (var row = 0; row < column.Length; row++)
            {
                WriteValue(json, column, row);
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    private static void WriteValue(Utf8JsonWriter json, Column column, int row)
    {
        // Callers can send infinity, which Python reads from 1e999.
        if (column.Type == ColumnType.Number && double.IsInfinity(column.GetNumber(row)))
        {
            json.WriteRawValue(column.GetNumber(row) > 0 ? "1e999" : "-1e999", skipInputValidation: true);
            return;
        }

        ColumnJson.WriteValue(json, column, row);
    }
}
