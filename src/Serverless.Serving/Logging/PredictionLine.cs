using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Serverless.Core.Columns;
using Serverless.Serving.Invocations;

namespace Serverless.Serving.Logging;

/// <summary>
/// One request as a line of JSON, by columns. What tells whether a label belongs to the request comes first, so that looking for one
/// reads no further.
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
                // JSON has no word for a score that is no number, and a line that breaks off would take the next one with it.
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
            // The scores are there already; an output that is a number says nothing more.
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

    /// <summary>Arrays, a picture say, stay out: a log of them would be many times what it is about.</summary>
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
        // A line may hold what a caller could send: Python reads 1e999 as infinity.
        if (column.Type == ColumnType.Number && double.IsInfinity(column.GetNumber(row)))
        {
            json.WriteRawValue(column.GetNumber(row) > 0 ? "1e999" : "-1e999", skipInputValidation: true);
            return;
        }

        ColumnJson.WriteValue(json, column, row);
    }
}
