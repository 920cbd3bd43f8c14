using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Serverless.Core;
using Serverless.Tracking.Runs;
using Serverless.Tracking.Writing;

namespace Serverless.Api.Native.Console;

/// <summary>The courses of many metrics of many runs in one answer, by columns, with no more points than a chart can show.</summary>
internal static class SeriesEndpoint
{
    private const int MostRuns = 100;
    private const int MostKeys = 100;
    private const int MostPoints = 10_000;
    private const int UsualPoints = 1_500;

    public static void Map(Action<string, string, Func<ConsoleCall, Task<object?>>> on) => on("GET", "metrics/series", SeriesAsync);

    private static async Task<object?> SeriesAsync(ConsoleCall call)
    {
        var ids = Several(call, "run_id", MostRuns);
        var keys = Several(call, "key", MostKeys);
        var most =
            call.Query("points") is not { } text ? UsualPoints
            : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is >= 2 and <= MostPoints
                ? number
            : throw ServerlessException.Invalid($"points is '{text}'.", $"Give 2 to {MostPoints}.");
        var runs = (await Task.WhenAll(ids.Select(id => call.Workspace.Runs.FindAsync(id, call.Stopped)))).OfType<Run>().ToList();
        if (ConsoleApi.IsUnchanged(call.Http, TagOf(runs, keys, most)))
        {
            return null;
        }

        var series = await Task.WhenAll(
            runs.Select(async run =>
            {
                var points = await call.Workspace.Runs.GetHistoryAsync(run, keys.Count == 1 ? keys[0] : null, call.Stopped);
                return keys.Select(key =>
                        Series.Of(run.Id, key, [.. points.Where(p => p.Key == key).OrderBy(p => p.Step).ThenBy(p => p.Timestamp)], most)
                    )
                    .Where(s => s.Count > 0);
            })
        );
        return new { series = series.SelectMany(s => s) };
    }

    private static List<string> Several(ConsoleCall call, string name, int most)
    {
        List<string> values = [.. call.Http.Request.Query[name].OfType<string>().Where(v => v.Length > 0).Distinct(StringComparer.Ordinal)];
        return values.Count is 0 || values.Count > most
            ? throw ServerlessException.Invalid($"There are {values.Count} values of {name}.", $"Give 1 to {most}, each as `{name}=…`.")
            : values;
    }

    /// <summary>Points are only ever added: how many there are tells whether there is anything new, without reading them.</summary>
    private static string TagOf(List<Run> runs, List<string> keys, int most)
    {
        var text = new StringBuilder().Append(most);
        foreach (var run in runs)
        {
            text.Append('|').Append(run.Id).Append('/').Append(run.MetricRows).Append('/').Append(run.LastRowPoints);
        }

        text.AppendJoin('\n', keys);
        return $"\"{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())).AsSpan(0, 12))}\"";
    }
}

/// <summary>A metric's course. <see cref="Count"/> is how many points there are, shown or not.</summary>
internal sealed record Series(
    string RunId,
    string Key,
    int Count,
    IEnumerable<long> Steps,
    IEnumerable<long> Times,
    IEnumerable<double> Values
)
{
    public static Series Of(string runId, string key, List<MetricEntry> points, int most)
    {
        var shown = points.Count <= most ? points : Thin(points, most);
        return new Series(runId, key, points.Count, shown.Select(p => p.Step), shown.Select(p => p.Timestamp), shown.Select(p => p.Value));
    }

    /// <summary>Keeps the lowest and highest of each stretch, with the first and last of all, and every value that is not a number: no
    /// spike is lost.</summary>
    private static List<MetricEntry> Thin(List<MetricEntry> points, int most)
    {
        var stretches = Math.Max(1, most / 2);
        var kept = new SortedSet<int> { 0, points.Count - 1 };
        for (var i = 0; i < stretches; i++)
        {
            var (from, to) = ((int)((long)points.Count * i / stretches), (int)((long)points.Count * (i + 1) / stretches));
            var (low, high, other) = (-1, -1, -1);
            for (var at = from; at < to; at++)
            {
                if (!double.IsFinite(points[at].Value))
                {
                    other = at;
                    continue;
                }

                low = low < 0 || points[at].Value < points[low].Value ? at : low;
                high = high < 0 || points[at].Value > points[high].Value ? at : high;
            }

            kept.UnionWith(((int[])[low, high, other]).Where(at => at >= 0));
        }

        return [.. kept.Select(at => points[at])];
    }
}
