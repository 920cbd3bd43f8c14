using System.CommandLine;
using Serverless.Local.Display;
using Serverless.Pipelines.Execution;
using Spectre.Console;

namespace Serverless.Local.Commands.Runs;

internal static class RunsCommand
{
    public static Command Create()
    {
        var count = new Option<int>("--count", "-n")
        {
            Description = "Number of runs to list, newest first.",
            DefaultValueFactory = _ => 20,
        };
        count.MustBe(1, 100_000);
        var command = new Command("runs", "List, show, compare and restore runs, and collect deleted ones.")
        {
            count,
            CreateShow(),
            RunsCompareCommand.Create(),
            RunsGcCommand.Create(),
            RunsGcCommand.CreateRestore(),
        }.WithExample("mlops runs\nmlops runs show 3f2a");
        command.OnHost(
            async (host, parsed, cancellationToken) =>
            {
                var runs = await host.Engine.Runs.ListAsync(parsed.GetValue(count), cancellationToken);
                if (runs.Count == 0)
                {
                    Terminal.Out.WriteLine("No runs yet. Start one with `mlops run samples/churn`.");
                    return 0;
                }

                var table = new Table()
                    .Border(TableBorder.Simple)
                    .AddColumns("run", "pipeline", "status", "started (UTC)", "time", "tasks");
                foreach (var run in runs)
                {
                    table.AddRow(
                        run.Id[..8],
                        Markup.Escape(run.Name),
                        RunText.Status(run.Status),
                        $"{run.StartTime.UtcDateTime:yyyy-MM-dd HH:mm:ss}",
                        RunText.Time(run.EndTime - run.StartTime),
                        Markup.Escape(string.Join(", ", run.Pipeline?.Tasks.Select(t => $"{t.Value} {RunText.Words(t.Key)}") ?? []))
                    );
                }

                Terminal.Out.Write(table);
                return 0;
            }
        );
        return command;
    }

    private static Command CreateShow()
    {
        var id = new Argument<string>("id") { Description = "Run ID, or a unique prefix." };
        var json = new Option<bool>("--json") { Description = "Write the run and its tasks as JSON." };
        var command = new Command("show", "Show a run with its tasks, metrics and verdict.") { id, json }.WithExample(
            "mlops runs show 3f2a"
        );
        command.OnHost(
            async (host, parsed, cancellationToken) =>
            {
                var run = await host.Engine.Runs.GetAsync(parsed.GetValue(id)!, cancellationToken);
                IReadOnlyList<TaskRecord> tasks = await host.Engine.ListTasksAsync(run, cancellationToken);
                if (parsed.GetValue(json))
                {
                    JsonDisplay.End(run, tasks);
                    return 0;
                }

                RunSummary.WriteTasks(tasks);
                await RunSummary.WriteAsync(run, tasks, host.StageOfAsync);
                return 0;
            }
        );
        return command;
    }
}
