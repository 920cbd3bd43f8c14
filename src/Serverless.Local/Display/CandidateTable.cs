using System.Text.Json;
using Spectre.Console;

namespace Serverless.Local.Display;

/// <summary>The candidates and their metrics, in as many columns as fit the terminal. The deciding metric comes first.</summary>
internal static class CandidateTable
{
    private const string Held = "test_";

    public static void Write(JsonElement candidates, string? metric, string runId)
    {
        var rows = candidates.EnumerateArray().Where(c => c.ValueKind == JsonValueKind.Object).ToList();
        var all = rows.SelectMany(c => c.EnumerateObject().Select(p => p.Name)).Distinct().ToList();
        if (all.Count == 0)
        {
            return;
        }

        var shown = Choose(rows, all, metric, Terminal.Out.Profile.Width);
        var table = new Table().Border(TableBorder.Simple);
        foreach (var name in shown)
        {
            var column = new TableColumn(new Text(name)).NoWrap();
            table.AddColumn(
                rows.Any(r => r.TryGetProperty(name, out var v) && v.ValueKind == JsonValueKind.Number) ? column.RightAligned() : column
            );
        }

        foreach (var row in rows)
        {
            table.AddRow([.. shown.Select(name => new Text(TextOf(row, name)))]);
        }

        Terminal.Out.Write(table);
        if (all.Count > shown.Count)
        {
            Terminal.Out.MarkupLineInterpolated($"  [grey]{all.Count - shown.Count} more metrics: mlops runs show {runId[..8]} --json[/]");
        }
    }

    /// <summary>Chooses name and winner, the deciding metric and its test value, then other columns in order while they fit.</summary>
    public static IReadOnlyList<string> Choose(IReadOnlyList<JsonElement> rows, IReadOnlyList<string> all, string? metric, int width)
    {
        var wanted = new List<string> { "name", "winner" };
        if (metric is not null)
        {
            wanted.AddRange([metric, Held + metric]);
        }

        foreach (var name in all.Where(n => !n.StartsWith(Held, StringComparison.Ordinal)))
        {
            wanted.AddRange([name, Held + name]);
        }

        // Two spaces before the first column, three between columns.
        var left = width - 4;
        var chosen = new HashSet<string>();
        foreach (var name in wanted.Concat(all).Where(all.Contains).Distinct())
        {
            var needs = rows.Max(r => TextOf(r, name).Length);
            left -= Math.Max(needs, name.Length) + 3;
            if (left < 0 && chosen.Count > 1)
            {
                break;
            }

            chosen.Add(name);
        }

        return [.. all.Where(chosen.Contains)];
    }

    private static string TextOf(JsonElement row, string name) => row.TryGetProperty(name, out var value) ? RunText.Value(value) : "";
}
