using System.CommandLine;
using Serverless.Core;
using Serverless.Local.Display;
using Serverless.Local.Hosting;
using Serverless.Pipelines.Execution;

namespace Serverless.Local.Commands.Runs;

internal static class LogsCommand
{
    public static Command Create()
    {
        var id = new Argument<string>("id") { Description = "Run ID, or a unique prefix." };
        var task = new Argument<string?>("task")
        {
            Description = "Task to show. Omit for all tasks with output.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var command = new Command("logs", "Show the logs of a run's tasks.") { id, task }.WithExample("mlops logs 3f2a train@fast-tree");
        command.OnHost(
            async (host, parsed, cancellationToken) =>
            {
                var run = await host.Engine.Runs.GetAsync(parsed.GetValue(id)!, cancellationToken);
                var tasks = await host.Engine.ListTasksAsync(run, cancellationToken);
                var wanted = parsed.GetValue(task);
                var chosen = wanted is null ? tasks : [.. tasks.Where(t => t.Path == wanted)];
                if (chosen.Count == 0)
                {
                    throw ServerlessException.NotFound(
                        wanted is null ? $"No task of {run.Id[..8]} has started." : $"Run {run.Id[..8]} has no task '{wanted}'.",
                        tasks.Count == 0 ? null : $"Its tasks are: {string.Join(", ", tasks.Select(t => t.Path))}."
                    );
                }

                foreach (var record in chosen)
                {
                    await PrintAsync(host, record, wanted is null, cancellationToken);
                }

                return 0;
            }
        );
        return command;
    }

    private static async Task PrintAsync(LocalHost host, TaskRecord record, bool withTitle, CancellationToken cancellationToken)
    {
        // While a task is running, its record does not yet say whether it will have a log.
        await using var log = record.Log is null ? null : await host.Store.Logs.OpenAsync(record.Log, 0, cancellationToken);
        if (log is null)
        {
            if (!withTitle)
            {
                Terminal.Tell(
                    record.Result.IsCacheHit ? $"{record.Path} was a cache hit and did not run." : $"{record.Path} wrote no output."
                );
            }

            return;
        }

        if (withTitle)
        {
            Console.Out.WriteLine($"== {record.Path}");
        }

        using var reader = new StreamReader(log);
        while (await reader.ReadLineAsync(cancellationToken) is { } line)
        {
            Console.Out.WriteLine(line);
        }
    }
}
