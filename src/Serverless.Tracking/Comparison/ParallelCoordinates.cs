using System.Globalization;
using System.Text;

namespace Serverless.Tracking.Comparison;

/// <summary>
/// Draws differing parameters and metrics as parallel axes, with one line for each run: numbers on a scale, words in order.
/// </summary>
internal static class ParallelCoordinates
{
    private const double Width = 1060;
    private const double Top = 34;
    private const double Bottom = 270;
    private const double Margin = 60;
    private const int MostAxes = 14;
    private const int LongestLabel = 16;

    public static void Write(StringBuilder html, RunComparison comparison)
    {
        var axes = comparison.Parameters.Where(p => p.IsDifferent).Concat(comparison.Metrics.Where(m => m.IsDifferent)).ToList();
        if (axes.Count < 2)
        {
            return;
        }

        var left = axes.Count - MostAxes;
        axes = [.. axes.Take(MostAxes)];
        html.Append("<h2>Differences</h2>");
        html.Append(
            CultureInfo.InvariantCulture,
            $"<svg viewBox=\"0 0 {Width} {Bottom + 30}\" role=\"img\" aria-label=\"Parallel coordinates\">"
        );
        var places = axes.Select(Places).ToList();
        for (var a = 0; a < axes.Count; a++)
        {
            var x = X(a, axes.Count);
            html.Append(
                CultureInfo.InvariantCulture,
                $"<path class=\"axis\" d=\"M{x:0.#} {Top}V{Bottom}\"/><text x=\"{x:0.#}\" y=\"14\" "
                    + $"text-anchor=\"middle\">{Label(axes[a].Name)}</text>"
            );
            foreach (var (label, y) in places[a].Labels)
            {
                html.Append(CultureInfo.InvariantCulture, $"<text x=\"{x + 5:0.#}\" y=\"{y + 4:0.#}\">{Label(label)}</text>");
            }
        }

        for (var run = 0; run < comparison.Runs.Count; run++)
        {
            // A missing value breaks the line.
            var path = new StringBuilder();
            var isDown = false;
            for (var a = 0; a < axes.Count; a++)
            {
                if (places[a].Of[run] is { } y)
                {
                    path.Append(CultureInfo.InvariantCulture, $"{(isDown ? 'L' : 'M')}{X(a, axes.Count):0.#} {y:0.#}");
                }

                isDown = places[a].Of[run] is not null;
            }

            html.Append(
                CultureInfo.InvariantCulture,
                $"<path class=\"run\" data-run=\"{run}\" stroke=\"{RunComparisonPage.Color(run)}\" "
                    + $"d=\"{path}\"><title>{RunComparisonPage.Text(comparison.Runs[run].Name)}</title></path>"
            );
        }

        html.Append("</svg>");
        if (left > 0)
        {
            html.Append(CultureInfo.InvariantCulture, $"<p>{left} more differences are listed in the tables.</p>");
        }
    }

    private static double X(int axis, int count) => Margin + ((Width - (2 * Margin)) * axis / (count - 1));

    private static (double?[] Of, IReadOnlyList<(string Label, double Y)> Labels) Places(ComparedValue value)
    {
        if (value.Numbers is { } numbers && numbers.Any(n => n is { } d && double.IsFinite(d)))
        {
            var finite = numbers.OfType<double>().Where(double.IsFinite).ToList();
            var (least, most) = (finite.Min(), finite.Max());
            double? At(double? n) =>
                n is { } d && double.IsFinite(d)
                    ? most > least
                        ? Bottom - ((Bottom - Top) * ((d - least) / (most - least)))
                        : (Top + Bottom) / 2
                    : null;
            return (
                [.. numbers.Select(At)],
                most > least
                    ? [(RunComparisonPage.Number(least), Bottom), (RunComparisonPage.Number(most), Top)]
                    : [(RunComparisonPage.Number(least), (Top + Bottom) / 2)]
            );
        }

        var words = value.Values.OfType<string>().Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        double Of(string word) =>
            words.Count == 1 ? (Top + Bottom) / 2 : Bottom - ((Bottom - Top) * words.IndexOf(word) / (words.Count - 1));
        return ([.. value.Values.Select(v => v is null ? (double?)null : Of(v))], [.. words.Take(12).Select(w => (w, Of(w)))]);
    }

    private static string Label(string text) =>
        RunComparisonPage.Text(text.Length <= LongestLabel ? text : string.Concat(text.AsSpan(0, LongestLabel - 1), "…"));
}
