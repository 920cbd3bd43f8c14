using Serverless.Core;
using Serverless.Data.Params;
using Serverless.Data.Values;
using Serverless.Dvc.Projects;

namespace Serverless.Dvc.Compare.Plots;

/// <summary>A Vega-Lite specification with anchors (`&lt;DVC_METRIC_DATA&gt;`, …) for data, fields and titles.</summary>
internal sealed class VegaTemplate
{
    public const string Standard = "linear";

    private static readonly string[] Own =
    [
        "bar_horizontal",
        "bar_horizontal_sorted",
        "confusion",
        "confusion_normalized",
        "linear",
        "scatter",
        "scatter_jitter",
        "simple",
        "smooth",
    ];

    private VegaTemplate(string name, DataNode content)
    {
        Name = name;
        Content = content;
    }

    public string Name { get; }

    public DataNode Content { get; private set; }

    public static IReadOnlyList<string> Names => Own;

    /// <summary>Finds a built-in template by name, a template in the project's `.dvc/plots` folder, or a file.</summary>
    public static VegaTemplate Find(string? name, Project project)
    {
        name ??= Standard;
        var folder = Path.Combine(project.Paths.Root, ".dvc", "plots");
        foreach (
            var path in new[] { Path.Combine(project.Paths.Here, name), Path.Combine(folder, name), Path.Combine(folder, name + ".json") }
        )
        {
            if (File.Exists(path))
            {
                return new VegaTemplate(name, ParamsFile.Parse(TextFile.Read(path, name), name + ".json"));
            }
        }

        return Own.Contains(name)
            ? new VegaTemplate(name, ParamsFile.Parse(TextOf(name), name + ".json"))
            : throw ServerlessException.NotFound(
                $"Template '{name}' not found.",
                $"Use one of {string.Join(", ", Own)}, or the path of a file."
            );
    }

    public static string TextOf(string name)
    {
        using var stream =
            typeof(VegaTemplate).Assembly.GetManifestResourceStream($"plots/{name}.json")
            ?? throw ServerlessException.NotFound($"Unexpected template: {name}.", $"Use one of {string.Join(", ", Own)}.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    public bool Has(string anchor) => Holds(Content, Of(anchor));

    public void Fill(string anchor, DataNode value) => Content = Replaced(Content, Of(anchor), value);

    private static string Of(string anchor) => $"<DVC_METRIC_{anchor.ToUpperInvariant()}>";

    private static bool Holds(DataNode node, string anchor) =>
        node switch
        {
            DataMap map => map.Entries.Any(e => Holds(e.Value, anchor)),
            DataList list => list.Items.Any(i => Holds(i, anchor)),
            _ => node.AsText == anchor,
        };

    // Text that equals the anchor becomes the value. Within a longer text, only text can be inserted.
    private static DataNode Replaced(DataNode node, string anchor, DataNode value) =>
        node switch
        {
            DataMap map => new DataMap([.. map.Entries.Select(e => e with { Value = Replaced(e.Value, anchor, value) })]),
            DataList list => new DataList([.. list.Items.Select(i => Replaced(i, anchor, value))]),
            { AsText: { } text } when text == anchor => value,
            { AsText: { } text } when value.AsText is { } with && text.Contains(anchor, StringComparison.Ordinal) => DataScalar.Text(
                text.Replace(anchor, with, StringComparison.Ordinal)
            ),
            _ => node,
        };
}
