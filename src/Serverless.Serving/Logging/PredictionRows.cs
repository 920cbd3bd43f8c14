using System.Text.Json;
using Serverless.Core.Columns;
using Serverless.Serving.Invocations;

namespace Serverless.Serving.Logging;

/// <summary>Collects log lines into columns.</summary>
internal sealed class PredictionRows
{
    private readonly Dictionary<string, ValueColumnBuilder> inputs = new(StringComparer.Ordinal);

    public List<string> Requests { get; } = [];

    public List<int> Rows { get; } = [];

    public List<int> Versions { get; } = [];

    public List<string> Choices { get; } = [];

    public List<DateTimeOffset> Times { get; } = [];

    public List<double> Scores { get; } = [];

    public List<string?> Predicted { get; } = [];

    public List<string?> Labels { get; } = [];

    public Dictionary<int, BinaryClasses> Classes { get; } = [];

    public bool IsTruncated { get; set; }

    public int UnreadableLines { get; private set; }

    /// <param name="labelOf">The label of a request's row, if any.</param>
    public void Add(ReadOnlyMemory<byte> line, int? version, DateTimeOffset from, DateTimeOffset to, Func<string, int, string?> labelOf)
    {
        try
        {
            using var json = JsonDocument.Parse(line);
            var root = json.RootElement;
            var (of, time) = (root.GetProperty("version").GetInt32(), root.GetProperty("time").GetDateTimeOffset());
            if ((version is null || of == version) && time >= from && time < to)
            {
                Add(root, of, time, labelOf);
            }
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            UnreadableLines++;
        }
    }

    public ColumnFrame BuildInputs() => new(inputs.Select(i => Filled(i.Value).Build(i.Key)));

    private void Add(JsonElement root, int version, DateTimeOffset time, Func<string, int, string?> labelOf)
    {
        var (request, rows) = (root.GetProperty("request").GetString()!, root.GetProperty("rows").GetInt32());
        var scores = root.GetProperty("scores");
        var classes = root.TryGetProperty("classes", out var stated) ? Classes[version] = ClassesOf(stated) : null;
        var choice = root.TryGetProperty("choice", out var why) ? why.GetString() ?? "" : "";
        var from = Requests.Count;
        for (var row = 0; row < rows; row++)
        {
            var score =
                row < scores.GetArrayLength() && scores[row].ValueKind == JsonValueKind.Number ? scores[row].GetDouble() : double.NaN;
            Requests.Add(request);
            Rows.Add(row);
            Versions.Add(version);
            Choices.Add(choice);
            Times.Add(time);
            Scores.Add(score);
            Predicted.Add(
                classes is null || double.IsNaN(score) ? null
                : score >= classes.Threshold ? classes.Positive
                : classes.Negative
            );
            Labels.Add(labelOf(request, row));
        }

        foreach (var column in root.GetProperty("inputs").EnumerateObject())
        {
            AddInputs(column, from);
        }
    }

    private void AddInputs(JsonProperty column, int from)
    {
        if (!inputs.TryGetValue(column.Name, out var builder))
        {
            inputs[column.Name] = builder = new ValueColumnBuilder();
        }

        while (builder.Count < from)
        {
            builder.AppendNull();
        }

        foreach (var value in column.Value.EnumerateArray())
        {
            switch (value.ValueKind)
            {
                case JsonValueKind.Number when value.TryGetInt64(out var whole):
                    builder.Append(whole);
                    break;
                case JsonValueKind.Number:
                    builder.Append(value.GetDouble());
                    break;
                case JsonValueKind.String:
                    builder.Append(value.GetString().AsSpan());
                    break;
                case JsonValueKind.True or JsonValueKind.False:
                    builder.Append(value.GetBoolean());
                    break;
                default:
                    builder.AppendNull();
                    break;
            }
        }
    }

    private ValueColumnBuilder Filled(ValueColumnBuilder builder)
    {
        while (builder.Count < Requests.Count)
        {
            builder.AppendNull();
        }

        return builder;
    }

    private static BinaryClasses ClassesOf(JsonElement stated) =>
        new(
            stated.GetProperty("positive").GetString()!,
            stated.GetProperty("negative").GetString()!,
            stated.GetProperty("threshold").GetDouble()
        );
}
