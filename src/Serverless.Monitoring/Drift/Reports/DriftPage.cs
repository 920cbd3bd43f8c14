using System.Globalization;
using System.Net;
using System.Text;

namespace Serverless.Monitoring.Drift.Reports;

/// <summary>
/// Renders a report as a self-contained HTML page without scripts, fonts or images from elsewhere, in the reader's light or dark theme.
/// </summary>
internal sealed class DriftPage
{
    // Mail systems truncate, and readers give up, long before this.
    private const int MostSegmentColumns = 400;

    private readonly StringBuilder _html = new(128 * 1024);

    public static string Write(DriftReport report)
    {
        var page = new DriftPage();
        page.WriteDocument(report);
        return page._html.ToString();
    }

    public static string Text(string text) => WebUtility.HtmlEncode(text);

    public static string Number(double? value) =>
        value switch
        {
            null => "–",
            0 => "0",
            { } v when Math.Abs(v) >= 1e6 || Math.Abs(v) < 1e-3 => v.ToString("0.##e0", CultureInfo.InvariantCulture)
                .Replace("-", "−", StringComparison.Ordinal),
            { } v => v.ToString(Math.Abs(v) >= 100 ? "#,0.#" : "0.####", CultureInfo.InvariantCulture)
                .Replace("-", "−", StringComparison.Ordinal),
        };

    public static string Count(long value) => value.ToString("#,0", CultureInfo.InvariantCulture);

    public static string Percent(double share) =>
        (share * 100).ToString(share is > 0 and < 0.1 ? "0.0" : "0", CultureInfo.InvariantCulture) + " %";

    private void WriteDocument(DriftReport report)
    {
        _html
            .Append(
                "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">"
            )
            .Append("<meta name=\"color-scheme\" content=\"light dark\"><title>Drift: ")
            .Append(Text(report.Current.Name))
            .Append("</title><style>")
            .Append(DriftPageStyle.Css)
            .Append("</style></head><body><main>");
        WriteSummary(report);
        WriteNotes(report);
        WriteSegments(report);
        foreach (var column in report.DriftByColumns.Values.OrderByDescending(column => column.DriftDetected))
        {
            DriftPageColumn.Write(_html, column, report);
        }

        WriteLegend(report);
        _html.Append("</main></body></html>");
    }

    private void WriteSummary(DriftReport report)
    {
        var share = report.WeightedShareOfDriftedColumns ?? report.ShareOfDriftedColumns;
        _html
            .Append("<header class=\"")
            .Append(report.DatasetDrift ? "bad" : "good")
            .Append("\"><h1>")
            .Append(
                report.DatasetDrift ? "The data has drifted"
                : report.NumberOfDriftedColumns > 0 ? "Some columns have drifted"
                : "No drift"
            )
            .Append("</h1><p><b>")
            .Append(report.NumberOfDriftedColumns)
            .Append("</b> of <b>")
            .Append(report.NumberOfColumns)
            .Append("</b> columns drifted (")
            .Append(Percent(report.ShareOfDriftedColumns));
        if (report.WeightedShareOfDriftedColumns is { } weighted)
        {
            _html.Append("; ").Append(Percent(weighted)).Append(" by weight");
        }

        _html
            .Append("); the dataset drifts from ")
            .Append(Percent(report.DriftShare))
            .Append(".</p><div class=\"meter\"><i style=\"width:")
            .Append((100 * share).ToString("0.#", CultureInfo.InvariantCulture))
            .Append("%\"></i><s style=\"left:")
            .Append((100 * report.DriftShare).ToString("0.#", CultureInfo.InvariantCulture))
            .Append("%\"></s></div><p class=\"sides\">")
            .Append("<span class=\"key r\"></span>")
            .Append(Text(report.Reference.Name))
            .Append(", ")
            .Append(Count(report.Reference.Rows))
            .Append(" rows")
            .Append("<span class=\"key c\"></span>")
            .Append(Text(report.Current.Name))
            .Append(", ")
            .Append(Count(report.Current.Rows))
            .Append(" rows")
            .Append("<span class=\"preset\">preset <b>")
            .Append(Text(report.Preset))
            .Append("</b></span></p></header>");
    }

    private void WriteNotes(DriftReport report)
    {
        if (report.SkippedColumns.Count + report.NewColumns.Count == 0)
        {
            return;
        }

        _html.Append("<p class=\"notes\">");
        if (report.NewColumns.Count > 0)
        {
            _html.Append("New in the current data: ").Append(Text(string.Join(", ", report.NewColumns))).Append(". ");
        }

        if (report.SkippedColumns.Count > 0)
        {
            _html
                .Append("Not compared: ")
                .Append(Text(string.Join("; ", report.SkippedColumns.Select(column => $"{column.Name} ({column.Reason})"))))
                .Append('.');
        }

        _html.Append("</p>");
    }

    private void WriteSegments(DriftReport report)
    {
        if (report.Segments.Count == 0)
        {
            return;
        }

        _html
            .Append("<section><h2>By ")
            .Append(Text(report.Segments[0].Column))
            .Append("</h2><div class=\"scroll\"><table><thead><tr><th>")
            .Append(Text(report.Segments[0].Column))
            .Append("</th><th class=\"n\">rows</th><th class=\"n\">drifted</th><th>columns</th></tr></thead><tbody>");
        var listed = 0;
        foreach (var segment in report.Segments)
        {
            _html.Append("<tr><th>").Append(Text(segment.Value)).Append("</th>");
            if (segment.Report is not { } inner)
            {
                _html.Append("<td colspan=\"3\">").Append(Text(segment.Note ?? "")).Append("</td></tr>");
                continue;
            }

            var drifted = inner.DriftByColumns.Values.Where(column => column.DriftDetected).Select(column => column.ColumnName).ToList();
            var shown = drifted.Take(Math.Max(0, MostSegmentColumns - listed)).ToList();
            listed += shown.Count;
            _html
                .Append("<td class=\"n\">")
                .Append(Count(inner.Current.Rows))
                .Append("</td><td class=\"n\">")
                .Append(drifted.Count)
                .Append(" of ")
                .Append(inner.NumberOfColumns)
                .Append(inner.DatasetDrift ? " <em>drift</em>" : "")
                .Append("</td><td>")
                .Append(Text(string.Join(", ", shown)))
                .Append(shown.Count < drifted.Count ? " …" : "")
                .Append("</td></tr>");
        }

        _html.Append("</tbody></table></div></section>");
    }

    private void WriteLegend(DriftReport report) =>
        _html
            .Append("<footer>")
            .Append(
                report.Preset == DriftPresets.Evidently
                    ? "Evidently's default rules: a p-value below its threshold, or a distance that reaches it, means drift."
                    : "A column drifts if a test is significant after the correction for the number of columns (Benjamini–Hochberg) "
                        + "and the effect reaches its minimum."
            )
            .Append(
                " KS D: the largest gap between the two distribution functions. V: Cramér's, corrected for bias. W: Wasserstein's "
                    + "distance in standard "
            )
            .Append(
                "deviations of the reference. PSI: population stability index, by deciles of the reference or by category. JS: "
                    + "Jensen–Shannon distance.</footer>"
            );
}
