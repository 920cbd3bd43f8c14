using Serverless.Core;
using Serverless.Local.Display;
using Serverless.Local.Hosting;
using Serverless.Pipelines.Engines.Local;
using Serverless.Pipelines.Execution;
using Serverless.Tracking.Runs;

namespace Serverless.Local.Commands.Runs;

/// <summary>Sees a run through to its end and shows it: driven in this process, or watched while another host drives it.</summary>
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
                $"Stopped; the run {run.Id[..8]} is kept as it is. The same command or `mlops up` goes on with it, `mlops cancel "
                    + $"{run.Id[..8]}` ends it."
            );
            return CommandLine.Failed;
        }
        catch (ServerlessException e)
        {
            // The command line was right: whatever it is, the run is what failed.
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
                // Another host took over while this one could not be heard of.
            }

            if (!isTold)
            {
                isTold = true;
                Terminal.Tell($"Another host drives the run {run.Id[..8]}; it is shown here.");
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

    /// <summary>Each state of a task once, whoever told it.</summary>
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
