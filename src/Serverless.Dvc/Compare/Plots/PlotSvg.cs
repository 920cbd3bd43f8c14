using System.Globalization;
using System.Net;
using System.Text;
using Serverless.Core;
using Serverless.Data.Values;

namespace Serverless.Dvc.Compare.Plots;

/// <summary>Draws a plot as SVG, so that a page of plots needs no network and no scripts.</summary>
internal sealed class PlotSvg(VegaPlot plot)
{
    private const int Width = 440;
    private const int Height = 320;
    private const int Left = 64;
    private const int Bottom = 44;
    private const int Top = 14;
    private const int Right = 12;
    private const int Ticks = 5;
    private static readonly string[] Dash = ["", "8 8", "8 4", "4 4", "4 2", "2 1", "1 1"];
    private readonly StringBuilder svg = new();
    private readonly IReadOnlyList<DataMap> points = plot.Points;

    public string Draw()
    {
        if (plot.TemplateName.StartsWith("confusion", StringComparison.Ordinal))
        {
            return string.Concat(plot.Revisions.Select(Confusion));
        }

        svg.Append(
            CultureInfo.InvariantCulture,
            $"<svg viewBox=\"0 0 {Width} {Height}\" width=\"{Width}\" height=\"{Height}\" role=\"img\">"
        );
        if (plot.TemplateName.StartsWith("bar", StringComparison.Ordinal))
        {
            Bars();
        }
        else
        {
            Lines();
        }

        svg.Append("</svg>");
        Legend();
        return svg.ToString();
    }

    private static string Text(DataNode? node) => node is null ? "" : PythonText.Str(node);

    private static double? Number(DataNode? node) =>
        double.TryParse(Text(node), NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value)
            ? value
            : null;

    private static string At(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);

    private static string Html(string text) => WebUtility.HtmlEncode(text);

    private static string Short(double value) => value.ToString("G4", CultureInfo.InvariantCulture);

    private void Lines()
    {
        var axes = plot.Axes!;

        // Non-numeric values are placed in the order of appearance.
        var names = points.Select(p => Text(p[axes.X])).Distinct(StringComparer.Ordinal).ToList();
        var isNumber = points.All(p => Number(p[axes.X]) is not null);
        double? X(DataMap p) => isNumber ? Number(p[axes.X]) : names.IndexOf(Text(p[axes.X]));
        var known = points.Where(p => X(p) is not null && Number(p[axes.Y]) is not null).ToList();
        if (known.Count == 0)
        {
            svg.Append(
                CultureInfo.InvariantCulture,
                $"<text x=\"{Width / 2}\" y=\"{Height / 2}\" text-anchor=\"middle\">no numbers in '{Html(axes.Y)}'</text>"
            );
            return;
        }

        var xs = new Scale([.. known.Select(p => X(p)!.Value)], Left, Width - Right);
        var ys = new Scale([.. known.Select(p => Number(p[axes.Y])!.Value)], Height - Bottom, Top);
        Axes(xs, ys, isNumber ? Short : v => v == Math.Floor(v) && v >= 0 && v < names.Count ? names[(int)v] : "");
        var isScatter = plot.TemplateName.StartsWith("scatter", StringComparison.Ordinal);
        foreach (var group in known.GroupBy(p => (Revision: Text(p["rev"]), Series: plot.Series is { } s ? Text(p[s]) : "")))
        {
            var color = ColorOf(group.Key.Revision);
            if (!isScatter && group.Count() > 1)
            {
                var path = string.Join(
                    ' ',
                    group.OrderBy(X).Select(p => $"{At(xs.Of(X(p)!.Value))},{At(ys.Of(Number(p[axes.Y])!.Value))}")
                );
                svg.Append(
                    CultureInfo.InvariantCulture,
                    $"<polyline fill=\"none\" stroke=\"{color}\" stroke-width=\"1.6\" stroke-dasharray=\"{DashOf(group.Key.Series)}\" "
                        + $"points=\"{path}\"/>"
                );
            }

            foreach (var p in group)
            {
                svg.Append(
                        CultureInfo.InvariantCulture,
                        $"<circle cx=\"{At(xs.Of(X(p)!.Value))}\" cy=\"{At(ys.Of(Number(p[axes.Y])!.Value))}\" "
                            + $"r=\"{(isScatter ? "3.5" : "2")}\" fill=\"{color}\"><title>"
                    )
                    .Append(
                        Html(
                            $"{group.Key.Revision} {group.Key.Series} {axes.XLabel ?? axes.X}: {Text(p[axes.X])}, "
                                + $"{axes.YLabel ?? axes.Y}: {Text(p[axes.Y])}"
                        )
                    )
                    .Append("</title></circle>");
            }
        }
    }

    private void Bars()
    {
        var axes = plot.Axes!;
        var rows = points.Where(p => Number(p[axes.X]) is not null).ToList();
        var names = rows.GroupBy(p => Text(p[axes.Y]), StringComparer.Ordinal).ToList();
        if (plot.TemplateName.EndsWith("sorted", StringComparison.Ordinal))
        {
            names = [.. names.OrderByDescending(n => n.Max(p => Number(p[axes.X])))];
        }

        var scale = new Scale([0, .. rows.Select(p => Number(p[axes.X])!.Value)], Left + 40, Width - Right);
        var step = (double)(Height - Bottom - Top) / Math.Max(1, names.Count);
        foreach (var (i, name) in names.Index())
        {
            svg.Append(
                CultureInfo.InvariantCulture,
                $"<text x=\"{Left + 34}\" y=\"{At(Top + ((i + 0.6) * step))}\" text-anchor=\"end\">{Html(name.Key)}</text>"
            );
            foreach (var (j, p) in name.Index())
            {
                var (from, to) = (scale.Of(0), scale.Of(Number(p[axes.X])!.Value));
                svg.Append(
                        CultureInfo.InvariantCulture,
                        $"<rect x=\"{At(Math.Min(from, to))}\" y=\"{At(Top + (i * step) + (j * step * 0.9 / name.Count()))}\" "
                            + $"width=\"{At(Math.Abs(to - from))}\" height=\"{At(step * 0.85 / name.Count())}\" "
                            + $"fill=\"{ColorOf(Text(p["rev"]))}\"><title>"
                    )
                    .Append(Html($"{Text(p["rev"])} {name.Key}: {Text(p[axes.X])}"))
                    .Append("</title></rect>");
            }
        }

        foreach (var tick in scale.Marks(Ticks))
        {
            svg.Append(
                CultureInfo.InvariantCulture,
                $"<text x=\"{At(scale.Of(tick))}\" y=\"{Height - Bottom + 18}\" text-anchor=\"middle\">{Short(tick)}</text>"
            );
        }
    }

    private string Confusion(string revision)
    {
        var axes = plot.Axes!;
        var own = points.Where(p => Text(p["rev"]) == revision).ToList();
        var xs = points.Select(p => Text(p[axes.X])).Distinct(StringComparer.Ordinal).Order(CodePointOrder.Instance).ToList();
        var ys = points.Select(p => Text(p[axes.Y])).Distinct(StringComparer.Ordinal).Order(CodePointOrder.Instance).ToList();
        var isShare = plot.TemplateName.EndsWith("normalized", StringComparison.Ordinal);
        var counts = own.GroupBy(p => (Text(p[axes.X]), Text(p[axes.Y]))).ToDictionary(g => g.Key, g => g.Count());
        var most = Math.Max(1, counts.Values.DefaultIfEmpty(1).Max());
        var table = new StringBuilder().Append(
            CultureInfo.InvariantCulture,
            $"<table class=\"confusion\"><caption>{Html(revision)}</caption><tr><th>{Html(axes.YLabel ?? axes.Y)} \\ "
                + $"{Html(axes.XLabel ?? axes.X)}</th>"
        );
        table.AppendJoin("", xs.Select(x => $"<th>{Html(x)}</th>")).Append("</tr>");
        foreach (var y in ys)
        {
            var row = Math.Max(1, xs.Sum(x => counts.GetValueOrDefault((x, y))));
            table.Append(CultureInfo.InvariantCulture, $"<tr><th>{Html(y)}</th>");
            foreach (var x in xs)
            {
                var count = counts.GetValueOrDefault((x, y));
                var share = isShare ? (double)count / row : (double)count / most;
                var shown = isShare ? At(share) : count.ToString(CultureInfo.InvariantCulture);
                table.Append(CultureInfo.InvariantCulture, $"<td style=\"background:rgba(19,173,199,{At(share)})\">{shown}</td>");
            }

            table.Append("</tr>");
        }

        return table.Append("</table>").ToString();
    }

    private void Axes(Scale xs, Scale ys, Func<double, string> nameOf)
    {
        foreach (var tick in xs.Marks(Ticks))
        {
            svg.Append(
                CultureInfo.InvariantCulture,
                $"<line class=\"grid\" x1=\"{At(xs.Of(tick))}\" x2=\"{At(xs.Of(tick))}\" y1=\"{Top}\" y2=\"{Height - Bottom}\"/><text "
                    + $"x=\"{At(xs.Of(tick))}\" y=\"{Height - Bottom + 16}\" text-anchor=\"middle\">{Html(nameOf(tick))}</text>"
            );
        }

        foreach (var tick in ys.Marks(Ticks))
        {
            svg.Append(
                CultureInfo.InvariantCulture,
                $"<line class=\"grid\" x1=\"{Left}\" x2=\"{Width - Right}\" y1=\"{At(ys.Of(tick))}\" y2=\"{At(ys.Of(tick))}\"/><text "
                    + $"x=\"{Left - 6}\" y=\"{At(ys.Of(tick) + 4)}\" text-anchor=\"end\">{Short(tick)}</text>"
            );
        }

        var axes = plot.Axes!;
        svg.Append(
            CultureInfo.InvariantCulture,
            $"<text x=\"{(Left + Width - Right) / 2}\" y=\"{Height - 8}\" text-anchor=\"middle\">{Html(axes.XLabel ?? axes.X)}</text>"
        );
        svg.Append(
            CultureInfo.InvariantCulture,
            $"<text transform=\"translate(14 {(Top + Height - Bottom) / 2}) rotate(-90)\" "
                + $"text-anchor=\"middle\">{Html(axes.YLabel ?? axes.Y)}</text>"
        );
    }

    private void Legend()
    {
        svg.Append("<p class=\"legend\">")
            .AppendJoin(' ', plot.Revisions.Select(r => $"<span style=\"color:{ColorOf(r)}\">&#9632;</span> {Html(r)}"));
        if (plot.Series is { } series)
        {
            var names = points.Select(p => Text(p[series])).Distinct(StringComparer.Ordinal).Order(CodePointOrder.Instance);
            svg.Append(" | ")
                .AppendJoin(
                    " ",
                    names.Select(n =>
                        $"<svg width=\"30\" height=\"8\"><line x1=\"0\" x2=\"30\" y1=\"4\" y2=\"4\" stroke=\"grey\" stroke-width=\"2\" "
                        + $"stroke-dasharray=\"{DashOf(n)}\"/></svg> {Html(n)}"
                    )
                );
        }

        svg.Append("</p>");
    }

    private string ColorOf(string revision) => VegaPlot.ColorOf(Math.Max(0, plot.Revisions.ToList().IndexOf(revision)));

    private string DashOf(string series)
    {
        var names = plot.Series is { } s
            ? points.Select(p => Text(p[s])).Distinct(StringComparer.Ordinal).Order(CodePointOrder.Instance).ToList()
            : [];
        return Dash[Math.Max(0, names.IndexOf(series)) % Dash.Length];
    }

    /// <summary>Maps values to positions, with a margin for a single value.</summary>
    private sealed class Scale
    {
        private readonly double low;
        private readonly double high;
        private readonly double from;
        private readonly double to;

        public Scale(IReadOnlyList<double> values, double from, double to)
        {
            (low, high) = (values.Min(), values.Max());
            if (low == high)
            {
                (low, high) = (low - 0.5, high + 0.5);
            }

            this.from = from;
            this.to = to;
        }

        public double Of(double value) => from + ((value - low) / (high - low) * (to - from));

        // Round steps: 1, 2 or 5 times a power of ten.
        public IEnumerable<double> Marks(int about)
        {
            var raw = (high - low) / about;
            var power = Math.Pow(10, Math.Floor(Math.Log10(raw)));
            var step =
                power
                * (
                    raw / power <= 1.5 ? 1
                    : raw / power <= 3.5 ? 2
                    : raw / power <= 7.5 ? 5
                    : 10
                );
            for (var i = Math.Ceiling(low / step); i * step <= high + (step * 1e-9); i++)
            {
                yield return Math.Round(i * step, 12);
            }
        }
    }
}
