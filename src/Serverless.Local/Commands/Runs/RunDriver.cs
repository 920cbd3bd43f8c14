using Serverless.Core;
using Serverless.Local.Display;
using Serverless.Local.Hosting;
using Serverless.Pipelines.Engines.Local;
using Serverless.Pipelines.Execution;
using Serverless.Tracking.Runs;

namespace Serverless.Local.Commands.Runs;

/// <summary>Follows a run to its end and displays it: drives it in this process, or watches while another host drives it.</summary>
internal sealed class RunDriver(LocalHost host, Run run, IRunDisplay display)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);
    private readonly Dictionary<string, TaskRecord> shown = [];

    /// <returns>The exit code: 0 only if the run finished.</returns>
    public static async Task<int> DriveAsync(LocalHost host, Run run, bool json, CancellationToken cancellationToken)
    {
        var definition = await host.Engine.GetDefinitionAsync(run, cancellationToken);
        IRunDisplay display =
            json ? new JsonDisplay()
            : Terminal.IsInteractive ? new LiveDisplay(run, definition.Pipeline)
            : new PlainDisplay(run, definition.Pipeline);
        Run ended;
        try
        {
            await using (display)
            {
                ended = await new RunDriver(host, run, display).EndAsync(cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            Terminal.Tell(
                $"Stopped. Run {run.Id[..8]} can be continued with the same command or `mlops up`, or ended with `mlops cancel "
                    + $"{run.Id[..8]}`."
            );
            return CommandLine.Failed;
        }
        catch (ServerlessException e)
        {
            // The command line was valid: any error is a failure of the run.
            Terminal.Show(e);
            return CommandLine.Failed;
        }

        var tasks = await host.Engine.ListTasksAsync(ended, cancellationToken);
        if (json)
        {
            JsonDisplay.End(ended, tasks);
        }
        else
        {
            await RunSummary.WriteAsync(ended, tasks, host.StageOfAsync);
        }

        return ended.Status == RunStatus.Finished ? 0 : CommandLine.Failed;
    }

    private async Task<Run> EndAsync(CancellationToken cancellationToken)
    {
        var isTold = false;
        while (true)
        {
            try
            {
                if (await host.Engine.DriveAsync(run, Show, cancellationToken) is { } ended)
                {
                    return ended;
                }
            }
            catch (ServerlessException e) when (e.Code == ErrorCodes.ResourceConflict)
            {
                // Another host took over while this one was out of contact.
            }

            if (!isTold)
            {
                isTold = true;
                Terminal.Tell($"Another host is driving run {run.Id[..8]}. Showing its progress.");
            }

            var latest = await host.Engine.Runs.GetAsync(run.Id, cancellationToken);
            foreach (var task in await host.Engine.ListTasksAsync(latest, cancellationToken))
            {
                Show(new RunEvent(run.Id, task));
            }

            if (latest.IsEnded)
            {
                return latest;
            }

            await Task.Delay(Interval, TimeProvider.System, cancellationToken);
        }
    }

    /// <summary>Shows each state of a task once, whatever its source.</summary>
    private void Show(RunEvent happened)
    {
        lock (shown)
        {
            var task = happened.Task;
            if (shown.TryGetValue(task.Path, out var last) && (last.State, last.Attempt) == (task.State, task.Attempt))
            {
                return;
            }

            shown[task.Path] = task;
        }

        display.On(happened);
    }
}
