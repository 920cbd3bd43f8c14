using System.Globalization;
using System.Text.Json;
using Serverless.Pipelines.Execution;
using Serverless.Pipelines.Orchestration;
using Serverless.Tracking.Runs;
using Spectre.Console;

namespace Serverless.Local.Display;

/// <summary>The result of a run: candidates, verdict, model version and next steps.</summary>
internal static class RunSummary
{
    public static void WriteTasks(IReadOnlyList<TaskRecord> tasks)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumns("task", "state", "attempt", "time", "metrics / reason");
        foreach (var task in tasks)
        {
            var metrics = string.Join("  ", task.Result.Metrics.Take(6).Select(m => $"{m.Key}={RunText.Number(m.Value)}"));
            table.AddRow(
                new Text(task.Path),
                new Markup(RunText.State(task)),
                new Text(task.Attempt.ToString(CultureInfo.InvariantCulture)),
                new Text(RunText.Time(RunText.TimeOf(task))),
                new Text(task.Result.Error?.Message ?? task.Result.Reason ?? metrics)
            );
        }

        Terminal.Out.Write(table);
    }

    /// <param name="run">The run.</param>
    /// <param name="tasks">Its tasks.</param>
    /// <param name="stageOf">Where a version stands now. A task that came out of the cache recorded where it stood when it ran.</param>
    public static async Task WriteAsync(Run run, IReadOnlyList<TaskRecord> tasks, Func<string, int, Task<string?>> stageOf)
    {
        var id = run.Id[..8];
        foreach (var task in tasks.Where(t => t.State == TaskState.Succeeded))
        {
            if (task.Result.Values.TryGetValue("candidates", out var candidates) && candidates.ValueKind == JsonValueKind.Array)
            {
                var metric =
                    task.Result.Values.TryGetValue("metric", out var m) && m.ValueKind == JsonValueKind.String ? m.GetString() : null;
                CandidateTable.Write(candidates, metric, run.Id);
            }

            if (task.Result.Values.TryGetValue("verdict", out var verdict) && verdict.ValueKind == JsonValueKind.Object)
            {
                VerdictText.Write(verdict);
            }
        }

        await WriteVersionAsync(tasks, stageOf);
        var hits = tasks.Count(t => t.Result.IsCacheHit);
        var others = tasks.Count - hits;
        var cached =
            hits == 0 ? ""
            : others == 0 ? "; nothing ran: all tasks were cache hits"
            : tasks.All(t => t.Result.IsCacheHit || t.State == TaskState.Skipped) ? $"; nothing ran: {hits} cache hits, {others} skipped"
            : $"; {hits} of {tasks.Count} tasks were cache hits";
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

    private static async Task WriteVersionAsync(IReadOnlyList<TaskRecord> tasks, Func<string, int, Task<string?>> stageOf)
    {
        // The last task that reports a version has its final stage.
        var last =
            tasks.LastOrDefault(t =>
                t.State == TaskState.Succeeded && t.Result.Values.ContainsKey("version") && t.Result.Values.ContainsKey("stage")
            ) ?? tasks.LastOrDefault(t => t.State == TaskState.Succeeded && t.Result.Values.ContainsKey("version"));
        if (last is not null)
        {
            var values = last.Result.Values;
            var name = values.TryGetValue("name", out var n) ? RunText.Value(n) : "model";
            var recorded = values.TryGetValue("stage", out var s) ? RunText.Value(s) : "None";
            var stage =
                values["version"] is { ValueKind: JsonValueKind.Number } number && number.TryGetInt32(out var version)
                    ? await stageOf(name, version) ?? recorded
                    : recorded;
            Terminal.Out.MarkupLineInterpolated(
                $"Model [bold]{name}[/] version [bold]{RunText.Value(values["version"])}[/] is in [bold]{stage}[/]."
            );
        }
    }
}
