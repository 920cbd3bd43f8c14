using System.Globalization;
using System.Net;
using System.Text;
using Serverless.Tracking.Runs;

namespace Serverless.Tracking.Comparison;

/// <summary>Renders a comparison as a self-contained HTML page that follows the reader's light or dark theme.</summary>
public sealed class RunComparisonPage
{
    private const string Css = """
        :root{color-scheme:light dark;--line:#8884;--soft:#8882}body{font:15px/1.45 system-ui,sans-serif;margin:0}
        main{max-width:1100px;margin:auto;padding:1.5rem}
        h1{font-size:1.4rem}h2{font-size:1.1rem;margin:2rem 0 .5rem}table{border-collapse:collapse;font-size:14px}
        th,td{padding:.25rem .7rem;text-align:left;border-bottom:1px solid var(--line);white-space:nowrap}
        td{font-variant-numeric:tabular-nums;max-width:24rem;overflow:hidden;text-overflow:ellipsis}
        tr.same td,tr.same th{opacity:.55;font-weight:normal}tr.diff th::after{content:" ≠"}
        .scroll{overflow-x:auto}
        .key{display:inline-block;width:.8rem;height:.8rem;border-radius:50%;margin-right:.35rem;vertical-align:-1px}
        svg{width:100%;height:auto;display:block}svg text{font-size:11px;fill:currentColor}.axis{stroke:var(--line)}
        .run{fill:none;stroke-width:2;opacity:.85}
        .runs [data-run]{cursor:pointer}.dim .run:not(.on){opacity:.08}
        .grid{display:grid;grid-template-columns:repeat(auto-fill,minmax(420px,1fr));gap:1.2rem}figure{margin:0}figcaption{font-weight:600}
        """;

    /// <summary>Highlights the hovered run in every plot.</summary>
    private const string Script = """
        document.querySelectorAll('.runs [data-run]').forEach(function(h){var k=h.dataset.run,m=document.querySelector('main');
        h.onmouseenter=function(){m.classList.add('dim');
        document.querySelectorAll('.run[data-run="'+k+'"]').forEach(function(p){p.classList.add('on')})};
        h.onmouseleave=function(){m.classList.remove('dim');
        document.querySelectorAll('.run.on').forEach(function(p){p.classList.remove('on')})}});
        """;

    private readonly StringBuilder html = new(64 * 1024);
    private readonly RunComparison comparison;

    private RunComparisonPage(RunComparison comparison) => this.comparison = comparison;

    public static string Write(RunComparison comparison)
    {
        var page = new RunComparisonPage(comparison);
        page.WriteDocument();
        return page.html.ToString();
    }

    internal static string Text(string text) => WebUtility.HtmlEncode(text);

    /// <summary>Returns well-separated hues for any number of runs.</summary>
    internal static string Color(int run) =>
        string.Create(CultureInfo.InvariantCulture, $"hsl({run * 137.508 % 360:0} 65% {(run % 2 == 0 ? 48 : 58)}%)");

    internal static string Number(double value) =>
        value switch
        {
            0 => "0",
            _ when Math.Abs(value) is >= 1e6 or < 1e-3 => value.ToString("0.###e0", CultureInfo.InvariantCulture),
            _ => value.ToString("0.#####", CultureInfo.InvariantCulture),
        };

    private void WriteDocument()
    {
        html.Append(
                "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
                    + "content=\"width=device-width\"><title>Runs compared</title><style>"
            )
            .Append(Css)
            .Append("</style></head><body><main><h1>")
            .Append(comparison.Runs.Count)
            .Append(" runs compared</h1>");
        WriteRuns();
        ParallelCoordinates.Write(html, comparison);
        if (comparison.Curves.Count > 0)
        {
            html.Append("<h2>Metrics by step</h2><div class=\"grid\">");
            foreach (var curve in comparison.Curves)
            {
                CurvePlot.Write(html, curve);
            }

            html.Append("</div>");
        }

        WriteTable("Metrics", comparison.Metrics);
        WriteTable("Parameters", comparison.Parameters);
        WriteTable("Tags", comparison.Tags);
        html.Append("</main><script>").Append(Script).Append("</script></body></html>");
    }

    private void WriteRuns()
    {
        html.Append(
            "<div class=\"scroll\"><table class=\"runs\"><thead><tr><th>run</th><th>id</th><th>status</th><th>started "
                + "(UTC)</th><th>time</th></tr></thead><tbody>"
        );
        for (var i = 0; i < comparison.Runs.Count; i++)
        {
            var run = comparison.Runs[i];
            html.Append("<tr data-run=\"")
                .Append(i)
                .Append("\"><th><span class=\"key\" style=\"background:")
                .Append(Color(i))
                .Append("\"></span>")
                .Append(Text(run.Name))
                .Append("</th><td>")
                .Append(run.Id)
                .Append("</td><td>")
                .Append(RunEdits.FormatStatus(run.Status))
                .Append("</td><td>")
                .Append(CultureInfo.InvariantCulture, $"{run.StartTime.UtcDateTime:yyyy-MM-dd HH:mm:ss}")
                .Append("</td><td>")
                .Append(
                    run.EndTime is { } end
                        ? string.Create(CultureInfo.InvariantCulture, $"{(end - run.StartTime).TotalSeconds:0.##} s")
                        : "–"
                )
                .Append("</td></tr>");
        }

        html.Append("</tbody></table></div>");
    }

    private void WriteTable(string title, IReadOnlyList<ComparedValue> values)
    {
        if (values.Count == 0)
        {
            return;
        }

        html.Append("<h2>").Append(title).Append("</h2><div class=\"scroll\"><table><thead><tr><th></th>");
        for (var i = 0; i < comparison.Runs.Count; i++)
        {
            html.Append("<th><span class=\"key\" style=\"background:")
                .Append(Color(i))
                .Append("\"></span>")
                .Append(Text(comparison.Runs[i].Name))
                .Append("</th>");
        }

        html.Append("</tr></thead><tbody>");
        foreach (var value in values)
        {
            html.Append("<tr class=\"")
                .Append(value.IsDifferent ? "diff" : "same")
                .Append("\"><th>")
                .Append(Text(value.Name))
                .Append("</th>");
            foreach (var text in value.Values)
            {
                html.Append("<td>").Append(text is null ? "–" : Text(text)).Append("</td>");
            }

            html.Append("</tr>");
        }

        html.Append("</tbody></table></div>");
    }
}
