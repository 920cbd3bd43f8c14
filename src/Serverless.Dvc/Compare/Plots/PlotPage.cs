using System.Globalization;
using System.Net;
using System.Text;
using Serverless.Data.Values;

namespace Serverless.Dvc.Compare.Plots;

/// <summary>
/// Writes one HTML page with all plots. It needs neither network nor scripts; the Vega-Lite specifications are next to it.
/// </summary>
internal static class PlotPage
{
    private const string Style =
        "body{font:14px system-ui,sans-serif;margin:2em;color:#222}figure{display:inline-block;vertical-align:top;margin:0 1.5em 2em "
        + "0}figcaption{font-weight:600;margin-bottom:.4em}"
        + "svg text{font-size:11px;fill:#444}.grid{stroke:#e4e4e4}.legend{font-size:12px;margin:.2em "
        + "0}.confusion{border-collapse:collapse;display:inline-table;margin:.5em}"
        + ".confusion td,.confusion th{border:1px solid #ddd;padding:.3em .6em;text-align:center}.images "
        + "img{max-width:440px;border:1px dotted #888}.images div{display:inline-block;margin:.3em}.wrong{color:#b00}";

    public static string Write(
        IReadOnlyList<VegaPlot> plots,
        IReadOnlyList<ImagePlot> images,
        IReadOnlyList<PlotError> errors,
        Func<VegaPlot, string> specOf,
        Func<(string, string), string> urlOf
    )
    {
        var page = new StringBuilder().Append(
            CultureInfo.InvariantCulture,
            $"<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Plots</title><style>{Style}</style></head><body>\n"
        );
        foreach (var plot in plots.Where(p => p.Axes is not null))
        {
            page.Append(
                CultureInfo.InvariantCulture,
                $"<figure id=\"{Html(plot.Id)}\"><figcaption>{Html(plot.Title)} <a "
                    + $"href=\"{Html(specOf(plot))}\">vega</a></figcaption>{new PlotSvg(plot).Draw()}</figure>\n"
            );
        }

        foreach (var image in images)
        {
            page.Append(
                CultureInfo.InvariantCulture,
                $"<figure class=\"images\" id=\"{Html(image.Id)}\"><figcaption>{Html(image.Id)}</figcaption>"
            );
            page.AppendJoin(
                "",
                image.Images.Select(i =>
                    $"<div><p>{Html(i.Revision)}</p><img src=\"{Html(urlOf((i.Revision, i.File)))}\" alt=\"{Html(i.File)}\"></div>"
                )
            );
            page.Append("</figure>\n");
        }

        foreach (var error in errors)
        {
            page.Append(
                CultureInfo.InvariantCulture,
                $"<p class=\"wrong\">{Html($"{error.Name} ({error.Revision}): {error.Wrong.Message}")}</p>\n"
            );
        }

        return page.Append("</body></html>\n").ToString();
    }

    private static string Html(string text) => WebUtility.HtmlEncode(text);
}

/// <summary>A part of a plot that could not be read.</summary>
internal sealed record PlotError(string? Name, string Revision, string? Source, Exception Wrong)
{
    public DataMap ToData()
    {
        var error = (DataMap)FileValues.ErrorOf(Wrong)["error"]!;
        return DataValues.Map(
            ("name", Name is null ? null : DataScalar.Text(Name)),
            ("rev", DataScalar.Text(Revision)),
            ("source", Source is null ? null : DataScalar.Text(Source)),
            ("type", error["type"]),
            ("msg", error["msg"])
        );
    }
}
