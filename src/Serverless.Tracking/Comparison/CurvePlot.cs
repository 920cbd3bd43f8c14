using System.Globalization;
using System.Text;
using Serverless.Tracking.Writing;

namespace Serverless.Tracking.Comparison;

/// <summary>Plots a metric by step, with one line for each run.</summary>
internal static class CurvePlot
{
    private const double Width = 520;
    private const double Left = 62;
    private const double Right = 510;
    private const double Top = 10;
    private const double Bottom = 190;

    /// <summary>The maximum number of points to draw; longer curves are thinned out.</summary>
    private const int MostPoints = 600;

    public static void Write(StringBuilder html, MetricCurve curve)
    {
        var all = curve.Points.SelectMany(p => p).Where(p => double.IsFinite(p.Value)).ToList();
        if (all.Count == 0)
        {
            return;
        }

        var (first, last) = (all.Min(p => p.Step), all.Max(p => p.Step));
        var (least, most) = (all.Min(p => p.Value), all.Max(p => p.Value));
        double X(long step) =>
            last > first ? Left + ((Right - Left) * ((double)step - first) / ((double)last - first)) : (Left + Right) / 2;
        double Y(double value) => most > least ? Bottom - ((Bottom - Top) * ((value - least) / (most - least))) : (Top + Bottom) / 2;
        html.Append("<figure><figcaption>").Append(RunComparisonPage.Text(curve.Name)).Append("</figcaption>");
        html.Append(
            CultureInfo.InvariantCulture,
            $"<svg viewBox=\"0 0 {Width} {Bottom + 24}\" role=\"img\" aria-label=\"{RunComparisonPage.Text(curve.Name)}\"><path "
                + $"class=\"axis\" fill=\"none\" d=\"M{Left} {Top}V{Bottom}H{Right}\"/>"
        );
        html.Append(
            CultureInfo.InvariantCulture,
            $"<text x=\"{Left - 5}\" y=\"{Top + 8}\" text-anchor=\"end\">{RunComparisonPage.Number(most)}</text><text x=\"{Left - 5}\" "
                + $"y=\"{Bottom}\" text-anchor=\"end\">{RunComparisonPage.Number(least)}</text>"
        );
        html.Append(
            CultureInfo.InvariantCulture,
            $"<text x=\"{Left}\" y=\"{Bottom + 16}\">{first}</text><text x=\"{Right}\" y=\"{Bottom + 16}\" "
                + $"text-anchor=\"end\">{last}</text>"
        );
        for (var run = 0; run < curve.Points.Count; run++)
        {
            var points = Thinned(curve.Points[run]);
            if (points.Count == 0)
            {
                continue;
            }

            var path = string.Join(
                'L',
                points.Select(p => string.Create(CultureInfo.InvariantCulture, $"{X(p.Step):0.#} {Y(p.Value):0.#}"))
            );
            // A line with a single point would be invisible, so it becomes a dot.
            html.Append(
                CultureInfo.InvariantCulture,
                $"<path class=\"run\" data-run=\"{run}\" stroke=\"{RunComparisonPage.Color(run)}\" stroke-linecap=\"round\" "
                    + $"d=\"M{path}{(points.Count == 1 ? "h.01" : "")}\"/>"
            );
        }

        html.Append("</svg></figure>");
    }

    private static List<MetricEntry> Thinned(IReadOnlyList<MetricEntry> points)
    {
        var finite = points.Where(p => double.IsFinite(p.Value)).ToList();
        var every = (finite.Count + MostPoints - 1) / MostPoints;
        return every <= 1 ? finite : [.. finite.Where((_, i) => i % every == 0 || i == finite.Count - 1)];
    }
}
