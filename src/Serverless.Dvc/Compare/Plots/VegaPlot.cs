using Serverless.Core;
using Serverless.Data.Values;
using Serverless.Dvc.Projects;

namespace Serverless.Dvc.Compare.Plots;

/// <summary>A plot of values across all revisions that have it.</summary>
internal sealed class VegaPlot(string id, string? template, string? title, IReadOnlyList<DataPoints> revisions, IReadOnlyList<string> names)
{
    private const int Side = 300;
    private static readonly string[] Colors = ["#945dd6", "#13adc7", "#f46837", "#48bb78", "#4299e1", "#ed8936", "#f56565"];
    private static readonly int[][] Dashes =
    [
        [1, 0],
        [8, 8],
        [8, 4],
        [4, 4],
        [4, 2],
        [2, 1],
        [1, 1],
    ];
    private static readonly string[] Shapes = ["circle", "square", "triangle", "diamond"];

    // The axes are those of the first revision, as in DVC.
    private readonly DataPoints? first = revisions.Count > 0 ? revisions[0] : null;

    public string Id => id;

    public string Title => title ?? id;

    public string TemplateName => template ?? VegaTemplate.Standard;

    public IReadOnlyList<string> Revisions => names;

    public DataPoints? Axes => first;

    public IReadOnlyList<DataMap> Points => [.. Ordered()];

    /// <summary>Gets the field that distinguishes lines besides the revision; null for one line for each revision.</summary>
    public string? Series { get; private set; }

    public static string ColorOf(int at) => Colors[at % Colors.Length];

    /// <summary>Gets the filled specification.</summary>
    public DataNode Spec(Project project)
    {
        var filled = VegaTemplate.Find(template, project);
        var axes = first!;
        foreach (var field in new[] { axes.X, axes.Y }.Where(f => !Points.Any(p => p.Contains(f))))
        {
            throw ServerlessException.Invalid($"Field '{field}' does not exist in provided data.");
        }

        if (!filled.Has("data"))
        {
            throw ServerlessException.Invalid(
                $"Template '{filled.Name}' is not using '<DVC_METRIC_DATA>' anchor",
                "Add the anchor where the data belongs."
            );
        }

        var points = Points;
        filled.Fill(
            "color",
            Mapping("rev", names, [.. Enumerable.Range(0, names.Count).Select(i => (DataNode)DataScalar.Text(ColorOf(i)))], isColor: true)
        );
        filled.Fill(
            "zoom_and_pan",
            DataValues.Map(("name", DataScalar.Text("grid")), ("select", DataScalar.Text("interval")), ("bind", DataScalar.Text("scales")))
        );
        filled.Fill("plot_width", DataScalar.Int(Side));
        filled.Fill("plot_height", DataScalar.Int(Side));
        IReadOnlyList<string> keys = Series is null ? ["rev"] : ["rev", Series];
        filled.Fill("group_by", Texts(keys));
        filled.Fill("group_by_x", Texts([.. keys, axes.X]));
        filled.Fill("group_by_y", Texts([.. keys, axes.Y]));
        filled.Fill(
            "pivot_field",
            DataScalar.Text(string.Join(" + '::' + ", (Series is null ? [] : Series.Split("::")).Prepend("rev").Select(k => $"datum.{k}")))
        );
        filled.Fill(
            "tooltip",
            new DataList([
                .. new[] { "rev", axes.X, axes.Y }.Concat(keys.Skip(1)).Select(f => (DataNode)FileValues.Map("field", DataScalar.Text(f))),
            ])
        );
        var domain = Series is null
            ? []
            : points.Select(p => p[Series]!.AsText!).Distinct(StringComparer.Ordinal).Order(CodePointOrder.Instance).ToList();
        var by = Series is null ? DataMap.Empty : DataValues.Map(("field", DataScalar.Text(Series)), ("sort", new DataList([])));
        filled.Fill("row", by);
        filled.Fill("column", by);
        filled.Fill(
            "stroke_dash",
            Series is null
                ? DataMap.Empty
                : Mapping(
                    Series,
                    domain,
                    [
                        .. domain.Select(
                            (_, i) => (DataNode)new DataList([.. Dashes[i % Dashes.Length].Select(d => (DataNode)DataScalar.Int(d))])
                        ),
                    ]
                )
        );
        filled.Fill(
            "shape",
            Series is null
                ? DataMap.Empty
                : Mapping(Series, domain, [.. domain.Select((_, i) => (DataNode)DataScalar.Text(Shapes[i % Shapes.Length]))])
        );
        filled.Fill("title", DataScalar.Text(Title));
        filled.Fill("x", DataScalar.Text(Escaped(axes.X)));
        filled.Fill("y", DataScalar.Text(Escaped(axes.Y)));
        filled.Fill("x_label", DataScalar.Text(axes.XLabel ?? axes.X));
        filled.Fill("y_label", DataScalar.Text(axes.YLabel ?? axes.Y));
        filled.Fill("data", new DataList([.. points]));
        return filled.Content;
    }

    // Vega interprets dots and brackets in a field's name as a path into it.
    private static string Escaped(string field) =>
        field
            .Replace(".", "\\.", StringComparison.Ordinal)
            .Replace("[", "\\[", StringComparison.Ordinal)
            .Replace("]", "\\]", StringComparison.Ordinal);

    private static DataList Texts(IEnumerable<string> texts) => new([.. texts.Select(t => (DataNode)DataScalar.Text(t))]);

    private static DataMap Mapping(string field, IReadOnlyList<string> domain, IReadOnlyList<DataNode> range, bool isColor = false) =>
        DataValues.Map(
            ("field", DataScalar.Text(field)),
            ("scale", DataValues.Map(("domain", Texts(domain)), ("range", new DataList(range)))),
            (
                "legend",
                isColor
                    ? null
                    : DataValues.Map(("symbolFillColor", DataScalar.Text("transparent")), ("symbolStrokeColor", DataScalar.Text("grey")))
            )
        );

    // What all points share is omitted: file and field if there is only one of them. If both differ, they are combined.
    private IEnumerable<DataMap> Ordered()
    {
        var ys = first?.Ys ?? [];
        var varied = new List<string>();
        if (ys.Select(y => y.File).Distinct(StringComparer.Ordinal).Count() > 1)
        {
            varied.Add("filename");
        }

        if (ys.Select(y => y.Field).Distinct(StringComparer.Ordinal).Count() > 1)
        {
            varied.Add("field");
        }

        Series = varied.Count == 0 ? null : string.Join("::", varied);
        foreach (var point in revisions.SelectMany(r => r.Points))
        {
            if (varied.Count == 2)
            {
                yield return point
                    .With("filename", null)
                    .With("field", null)
                    .With(Series!, DataScalar.Text($"{point["filename"]!.AsText}::{point["field"]!.AsText}"));
            }
            else
            {
                yield return varied.Count == 0
                    ? point.With("filename", null).With("field", null)
                    : point.With(varied[0] == "field" ? "filename" : "field", null);
            }
        }
    }
}

/// <summary>An image of several revisions, side by side.</summary>
internal sealed record ImagePlot(string Id, IReadOnlyList<(string Revision, string File, byte[] Bytes)> Images);
