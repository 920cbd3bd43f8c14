using System.Text;

namespace Serverless.Monitoring.Drift.Reports;

/// <summary>Renders the part of the page about one column: the verdict, both sides in numbers, and the plot.</summary>
internal static class DriftPageColumn
{
    public static void Write(StringBuilder html, ColumnDrift column, DriftReport report)
    {
        html.Append("<article")
            .Append(column.DriftDetected ? " class=\"bad\"" : "")
            .Append("><div><h2>")
            .Append(DriftPage.Text(column.ColumnName))
            .Append(" <small>")
            .Append(column.ColumnType == "num" ? "numbers" : "categories")
            .Append("</small> ")
            .Append(column.DriftDetected ? "<em>drift</em>" : "<em class=\"ok\">no drift</em>")
            .Append("</h2>");
        if (column.Note is { } note)
        {
            html.Append("<p class=\"note\">").Append(DriftPage.Text(note)).Append("</p>");
        }

        WriteVerdict(html, column);
        WriteSides(html, column, report);
        WriteDistances(html, column);
        html.Append("</div><div>");
        DriftPlot.Write(html, column);
        html.Append("</div></article>");
    }

    private static void WriteVerdict(StringBuilder html, ColumnDrift column)
    {
        if (column.Tests.Count == 0)
        {
            html.Append("<p>")
                .Append(DriftPage.Text(column.StattestName))
                .Append(": <b>")
                .Append(DriftPage.Number(column.DriftScore))
                .Append("</b>, threshold ")
                .Append(DriftPage.Number(column.StattestThreshold))
                .Append("</p>");
            return;
        }

        html.Append("<p>Adjusted p: <b>")
            .Append(DriftPage.Number(column.DriftScore))
            .Append("</b>, alpha ")
            .Append(DriftPage.Number(column.StattestThreshold))
            .Append("</p><table>");
        foreach (var test in column.Tests)
        {
            html.Append("<tr")
                .Append(test.Detected ? " class=\"hit\"" : "")
                .Append("><td")
                .Append(test.Detected ? "" : " class=\"l\"")
                .Append('>')
                .Append(test.Name)
                .Append("</td><td>p ")
                .Append(DriftPage.Number(test.PValue))
                .Append("</td><td>")
                .Append(EffectName(test.Name))
                .Append(' ')
                .Append(DriftPage.Number(test.Effect))
                .Append(" (minimum ")
                .Append(DriftPage.Number(test.LeastEffect))
                .Append(")</td></tr>");
        }

        html.Append("</table>");
    }

    private static string EffectName(string test) =>
        test switch
        {
            DriftTest.Distribution => "KS D",
            DriftTest.Categories => "V",
            DriftTest.NewCategories => "share",
            _ => "change",
        };

    private static void WriteSides(StringBuilder html, ColumnDrift column, DriftReport report)
    {
        var (left, right) = (column.Reference, column.Current);
        html.Append("<div class=\"scroll\"><table><thead><tr><th></th><th class=\"n\">")
            .Append(DriftPage.Text(report.Reference.Name))
            .Append("</th><th class=\"n\">")
            .Append(DriftPage.Text(report.Current.Name))
            .Append("</th></tr></thead>");
        if (left.Nulls + right.Nulls > 0)
        {
            Row("nulls", Share(left.Nulls, left.Count), Share(right.Nulls, right.Count));
        }

        if (left.Infinities + right.Infinities > 0)
        {
            Row("infinities", Share(left.Infinities, left.Count), Share(right.Infinities, right.Count));
        }

        if (column.ColumnType == "num")
        {
            Row("mean", DriftPage.Number(left.Mean), DriftPage.Number(right.Mean));
            Row("deviation", DriftPage.Number(left.StandardDeviation), DriftPage.Number(right.StandardDeviation));
            Row("least, largest", Range(left), Range(right));
        }
        else
        {
            Row("categories", DriftPage.Count(left.Distinct ?? 0), DriftPage.Count(right.Distinct ?? 0));
        }

        html.Append("</table></div>");

        void Row(string label, string reference, string current) =>
            html.Append("<tr><td class=\"l\">")
                .Append(label)
                .Append("</td><td class=\"n\">")
                .Append(reference)
                .Append("</td><td class=\"n\">")
                .Append(current)
                .Append("</td></tr>");

        static string Range(SideSummary side) => side.Min is null ? "–" : $"{DriftPage.Number(side.Min)}, {DriftPage.Number(side.Max)}";

        static string Share(long count, long rows) =>
            rows == 0 ? "–" : $"{DriftPage.Count(count)} ({DriftPage.Percent((double)count / rows)})";
    }

    private static void WriteDistances(StringBuilder html, ColumnDrift column)
    {
        if (column.Distances is not { } distances)
        {
            return;
        }

        html.Append("<p class=\"dist\">");
        Value("KS D", distances.KsStatistic);
        Value("V", distances.CramersV);
        Value("W", distances.WassersteinNormed);
        Value("PSI", distances.Psi);
        Value("JS", distances.JensenShannon);
        html.Append(column.IsExact ? "" : " (from a profile: approximate)").Append("</p>");

        void Value(string name, double? value)
        {
            if (value is not null)
            {
                html.Append(name).Append(" <b>").Append(DriftPage.Number(value)).Append("</b>&ensp;");
            }
        }
    }
}
