using System.Globalization;
using System.Text.Json;
using Serverless.Core.Columns;

namespace Serverless.Monitoring.Tests.Drift;

/// <summary>The reference cases of drift: see golden/drift/README.md.</summary>
internal sealed record DriftGolden(string Name, Column Reference, Column Current, JsonElement Expected)
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "golden", "drift");

    public static TheoryData<string> Numeric => [.. Names("num")];

    public static TheoryData<string> Categorical => [.. Names("cat")];

    public bool IsNumeric => Name.Contains("_num_", StringComparison.Ordinal);

    public static async Task<DriftGolden> ReadAsync(string name)
    {
        var type = name.Contains("_num_", StringComparison.Ordinal) ? ColumnType.Number : ColumnType.Text;
        var frame = await ColumnReader.ReadAsync(
            Path.Combine(Folder, $"{name}.csv"),
            new ColumnReaderOptions { Types = new Dictionary<string, ColumnType> { ["value"] = type } }
        );
        return new DriftGolden(name, Pick("reference"), Pick("current"), Document("reference.json").GetProperty("cases").GetProperty(name));

        Column Pick(string split) =>
            frame["value"].Take([.. Enumerable.Range(0, frame.RowCount).Where(row => frame["split"].GetText(row) == split)]);
    }

    public static Task<ColumnFrame> FrameAsync(string split) =>
        ColumnReader.ReadAsync(Path.Combine(Folder, $"50_frame_preset_900.{split}.csv"));

    public static JsonElement Document(string file)
    {
        using var document = JsonDocument.Parse(File.ReadAllText(Path.Combine(Folder, file)));
        return document.RootElement.Clone();
    }

    /// <summary>Equal to a millionth, of the value or of one, whichever is less; texts like nan and inf are numbers, too.</summary>
    public static void Near(JsonElement expected, double actual)
    {
        var value =
            expected.ValueKind == JsonValueKind.String
                ? double.Parse(expected.GetString()!.Replace("inf", "Infinity", StringComparison.Ordinal), CultureInfo.InvariantCulture)
                : expected.GetDouble();
        if (value != actual && !(double.IsNaN(value) && double.IsNaN(actual)))
        {
            Assert.Equal(value, actual, 1e-6 * Math.Min(1, Math.Max(Math.Abs(value), 1e-300)));
        }
    }

    private static IEnumerable<string> Names(string kind) =>
        Document("reference.json")
            .GetProperty("cases")
            .EnumerateObject()
            .Select(property => property.Name)
            .Where(name => name.Contains($"_{kind}_", StringComparison.Ordinal));
}
