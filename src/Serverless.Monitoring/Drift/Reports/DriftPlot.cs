using System.Globalization;
using System.Text;

namespace Serverless.Monitoring.Drift.Reports;

/// <summary>
/// Plots as inline SVG: of numbers, the reference as a filled histogram and the current data as an outline; of labels, bars side by side.
/// </summary>
internal static class DriftPlot
{
    private const double Width = 400;
    private const double Height = 130;
    private const double Base = 112;
    private const int MostRows = 10;
    private const int LongestLabel = 22;

    public static void Write(StringBuilder html, ColumnDrift column)
    {
        if (column.Distribution is not { } shown)
        {
            return;
        }

        if (shown.Edges is { } edges)
        {
            WriteBins(html, column, shown, edges);
        }
        else if (column.ColumnType == "num")
        {
            WriteBars(html, column.ColumnName, shown, shown.Labels!);
        }
        else
        {
            WriteRows(html, column.ColumnName, Shorten(shown));
        }
    }

    private static void WriteBins(StringBuilder html, ColumnDrift column, Distribution shown, IReadOnlyList<double> edges)
    {
        var (bins, top) = (shown.Reference.Count, Top(shown));
        Open(html, column.ColumnName, Height);
        html.Append("<path class=\"fr\" d=\"")
            .Append(Steps(shown.Reference, top))
            .Append("\"/><path class=\"fc\" d=\"")
            .Append(Steps(shown.Current, top))
            .Append("\"/>");
        Axis(html);

        // A value beyond the edges counts in the outer bin, and the label says so.
        var least = Math.Min(column.Reference.Min ?? edges[0], column.Current.Min ?? edges[0]);
        var largest = Math.Max(column.Reference.Max ?? edges[bins], column.Current.Max ?? edges[bins]);
        Label(html, 0, "start", (least < edges[0] ? "≤ " : "") + DriftPage.Number(edges[0]));
        Label(html, Width / 2, "middle", DriftPage.Number(edges[bins / 2]));
        Label(html, Width, "end", (largest > edges[bins] ? "≥ " : "") + DriftPage.Number(edges[bins]));
        html.Append("</svg>");
    }

    private static string Steps(IReadOnlyList<double> shares, double top)
    {
        var path = new StringBuilder("M0 ").Append(Y(0));
        for (var i = 0; i < shares.Count; i++)
        {
            path.Append('V').Append(Y(shares[i] / top)).Append('H').Append(N(Width * (i + 1) / shares.Count));
        }

        return path.Append('V').Append(Y(0)).ToString();
    }

    private static void WriteBars(StringBuilder html, string name, Distribution shown, IReadOnlyList<string> labels)
    {
        var (top, step) = (Top(shown), Width / labels.Count);
        var every = (int)Math.Ceiling(labels.Count / 10.0);
        Open(html, name, Height);
        for (var i = 0; i < labels.Count; i++)
        {
            Bar(html, "fr", (i * step) + (step * 0.1), shown.Reference[i] / top, step * 0.4);
            Bar(html, "bc", (i * step) + (step * 0.5), shown.Current[i] / top, step * 0.4);
        }

        Axis(html);
        for (var i = 0; i < labels.Count; i += every)
        {
            Label(html, (i + 0.5) * step, "middle", DriftPage.Number(double.Parse(labels[i], CultureInfo.InvariantCulture)));
        }

        html.Append("</svg>");
    }

    private static void WriteRows(StringBuilder html, string name, Distribution shown)
    {
        const double row = 21,
            left = 150,
            bar = 170;
        var hasRest =
            shown.Labels!.Count > 1 && shown.Labels[^1].StartsWith('(') && shown.Labels[^1].EndsWith("others)", StringComparison.Ordinal);
        var top = Top(hasRest ? Without(shown) : shown);
        Open(html, name, row * shown.Labels.Count);
        for (var i = 0; i < shown.Labels.Count; i++)
        {
            var label = shown.Labels[i];
            var y = i * row;
            html.Append("<text x=\"")
                .Append(N(left - 8))
                .Append("\" y=\"")
                .Append(N(y + 13.5))
                .Append("\" text-anchor=\"end\">")
                .Append(DriftPage.Text(label.Length <= LongestLabel ? label : string.Concat(label.AsSpan(0, LongestLabel - 1), "…")))
                .Append("</text>");
            if (!hasRest || i < shown.Labels.Count - 1)
            {
                // The sum of all others would dwarf the named ones.
                Rect(html, "fr", left, y + 2, bar * shown.Reference[i] / top, 7);
                Rect(html, "bc", left, y + 10, bar * shown.Current[i] / top, 7);
            }

            html.Append("<text x=\"")
                .Append(N(Width))
                .Append("\" y=\"")
                .Append(N(y + 13.5))
                .Append("\" text-anchor=\"end\">")
                .Append(P(shown.Reference[i]))
                .Append("→")
                .Append(P(shown.Current[i]))
                .Append("</text>");
        }

        html.Append("</svg>");
    }

    private static Distribution Shorten(Distribution shown)
    {
        if (shown.Labels!.Count <= MostRows)
        {
            return shown;
        }

        // Readers want to see what changed most.
        var last = shown.Labels[^1].EndsWith(" others)", StringComparison.Ordinal) ? shown.Labels.Count - 1 : shown.Labels.Count;
        var kept = Enumerable
            .Range(0, last)
            .OrderByDescending(i =>
                Math.Abs(shown.Reference[i] - shown.Current[i]) + (0.2 * Math.Max(shown.Reference[i], shown.Current[i]))
            )
            .Take(MostRows - 1)
            .Order()
            .ToList();
        return new Distribution
        {
            Labels = [.. kept.Select(i => shown.Labels[i]), "(all others)"],
            Reference = [.. kept.Select(i => shown.Reference[i]), Math.Max(0, 1 - kept.Sum(i => shown.Reference[i]))],
            Current = [.. kept.Select(i => shown.Current[i]), Math.Max(0, 1 - kept.Sum(i => shown.Current[i]))],
        };
    }

    private static Distribution Without(Distribution shown) =>
        shown with
        {
            Reference = [.. shown.Reference.SkipLast(1)],
            Current = [.. shown.Current.SkipLast(1)],
        };

    private static void Open(StringBuilder html, string name, double height) =>
        html.Append("<svg viewBox=\"0 0 ")
            .Append(N(Width))
            .Append(' ')
            .Append(N(height))
            .Append("\" role=\"img\" aria-label=\"Distribution of ")
            .Append(DriftPage.Text(name))
            .Append("\">");

    private static void Axis(StringBuilder html) =>
        html.Append("<path class=\"ax\" d=\"M0 ").Append(N(Base)).Append('H').Append(N(Width)).Append("\"/>");

    private static void Label(StringBuilder html, double x, string anchor, string text) =>
        html.Append("<text x=\"")
            .Append(N(x))
            .Append("\" y=\"126\" text-anchor=\"")
            .Append(anchor)
            .Append("\">")
            .Append(text)
            .Append("</text>");

    private static void Bar(StringBuilder html, string look, double x, double share, double width) =>
        Rect(html, look, x, Base - (share * (Base - 4)), width, share * (Base - 4));

    private static void Rect(StringBuilder html, string look, double x, double y, double width, double height)
    {
        if (width > 0 && height > 0)
        {
            html.Append("<rect class=\"")
                .Append(look)
                .Append("\" x=\"")
                .Append(N(x))
                .Append("\" y=\"")
                .Append(N(y))
                .Append("\" width=\"")
                .Append(N(Math.Max(width, 0.5)))
                .Append("\" height=\"")
                .Append(N(height))
                .Append("\"/>");
        }
    }

    private static double Top(Distribution shown) => Math.Max(1e-9, Math.Max(shown.Reference.Max(), shown.Current.Max()));

    private static string Y(double share) => N(Base - (share * (Base - 4)));

    private static string P(double share) =>
        (share * 100).ToString(share is > 0 and < 0.1 ? "0.0" : "0", CultureInfo.InvariantCulture) + "%";

    private static string N(double value) => value.ToString("0.#", CultureInfo.InvariantCulture);
}
