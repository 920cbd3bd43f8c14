using System.Globalization;
using System.Text.Json;
using Serverless.Pipelines;
using Serverless.Tracking;
using Spectre.Console;

namespace Serverless.Local;

/// <summary>What came of a run: candidates, verdict, model version, and where to look next.</summary>
internal static class RunSummary
{
    public static void WriteTasks(IReadOnlyList<TaskRecord> tasks)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumns("task", "state", "attempt", "time", "metrics / reason");
        foreach (var task in tasks)
        {
            var metrics = string.Join("  ", task.Result.Metrics.Take(6).Select(m => $"{m.Key}={RunText.Number(m.Value)}"));
            table.AddRow(
                new Text(task.Path), new Markup(RunText.State(task)), new Text(task.Attempt.ToString(CultureInfo.InvariantCulture)),
                new Text(RunText.Time(RunText.TimeOf(task))), new Text(task.Result.Error?.Message ?? task.Result.Reason ?? metrics));
        }

        Terminal.Out.Write(table);
    }

    public static void Write(Run run, IReadOnlyList<TaskRecord> tasks)
    {
        var id = run.Id[..8];
        foreach (var task in tasks.Where(t => t.State == TaskState.Succeeded))
        {
            if (task.Result.Values.TryGetValue("candidates", out var candidates) && candidates.ValueKind == JsonValueKind.Array)
            {
                WriteCandidates(candidates);
            }

            if (task.Result.Values.TryGetValue("verdict", out var verdict) && verdict.ValueKind == JsonValueKind.Object)
            {
                VerdictText.Write(verdict);
            }
        }

        WriteVersion(tasks);
        var ran = tasks.Count(t => t.State == TaskState.Succeeded && !t.Result.IsCacheHit);
        var hits = tasks.Count(t => t.Result.IsCacheHit);
        var cached = hits == 0 ? "" : ran == 0 && hits == tasks.Count ? "; every task was a cache hit: nothing ran" : $"; {hits} of {tasks.Count} tasks were cache hits";
        Terminal.Out.MarkupLine($"Run {id} {RunText.Status(run.Status)} in {RunText.Time(run.EndTime - run.StartTime)}{cached}.");
        if (run.Error is { } error)
        {
            Terminal.Out.WriteLine(error.Message);
            if (error.Fix is not null)
            {
                Terminal.Out.WriteLine(error.Fix);
            }

            Terminal.Out.WriteLine($"Next: mlops logs {id}    mlops retry {id}");
            return;
        }

        Terminal.Out.WriteLine($"Next: mlops runs show {id}    mlops logs {id}    mlops models");
    }

    private static void WriteCandidates(JsonElement candidates)
    {
        var columns = candidates.EnumerateArray().SelectMany(c => c.EnumerateObject().Select(p => p.Name)).Distinct().ToList();
        if (columns.Count == 0)
        {
            return;
        }

        var table = new Table().Border(TableBorder.Simple).AddColumns([.. columns.Select(Markup.Escape)]);
        foreach (var candidate in candidates.EnumerateArray())
        {
            table.AddRow([.. columns.Select(c => new Text(candidate.TryGetProperty(c, out var v) ? ValueOf(v) : ""))]);
        }

        Terminal.Out.Write(table);
    }

    private static void WriteVersion(IReadOnlyList<TaskRecord> tasks)
    {
        // The last task that says so knows best where the version stands.
        var last = tasks.LastOrDefault(t => t.State == TaskState.Succeeded && t.Result.Values.ContainsKey("version") && t.Result.Values.ContainsKey("stage"))
            ?? tasks.LastOrDefault(t => t.State == TaskState.Succeeded && t.Result.Values.ContainsKey("version"));
        if (last is not null)
        {
            var values = last.Result.Values;
            var name = values.TryGetValue("name", out var n) ? ValueOf(n) : "model";
            var stage = values.TryGetValue("stage", out var s) ? ValueOf(s) : "None";
            Terminal.Out.MarkupLineInterpolated($"Model [bold]{name}[/] version [bold]{ValueOf(values["version"])}[/] is in [bold]{stage}[/].");
        }
    }

    private static string ValueOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Number when value.TryGetInt64(out var whole) => whole.ToString(CultureInfo.InvariantCulture),
        JsonValueKind.Number => RunText.Number(value.GetDouble()),
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.Null => "",
        JsonValueKind.True => "yes",
        JsonValueKind.False => "no",
        _ => value.GetRawText(),
    };
}
