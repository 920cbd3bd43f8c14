using System.CommandLine;
using Serverless.Pipelines;
using Serverless.Tracking;

namespace Serverless.Local;

internal static class RunCommand
{
    public static Command Create()
    {
        var path = new Argument<string>("pipeline") { Description = "A folder with a dvc.yaml, or the file itself.", DefaultValueFactory = _ => "." };
        var json = new Option<bool>("--json") { Description = "One JSON object a line: every event, and the run at the end." };
        var jobs = new Option<int?>("--jobs", "-j") { Description = "How many tasks run at a time (default: the machine's cores, at least 2)." };
        jobs.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int?>() is < 1)
            {
                result.AddError("--jobs must be 1 or more.");
            }
        });
        var command = new Command("run", "Runs a pipeline to its end and shows what came of it.\n\nExample:\n  mlops run samples/churn") { path, json, jobs };
        command.Guarded(async (parsed, cancellationToken) =>
        {
            // Read before anything is started: a wrong file costs no waiting.
            var document = DvcYaml.Read(parsed.GetValue(path)!, Components.Catalog);
            await using var host = await LocalHost.OpenAsync(Terminal.Tell, cancellationToken).ConfigureAwait(false);
            var run = await host.Engine.SubmitAsync(document, parsed.GetValue(jobs), cancellationToken).ConfigureAwait(false);
            return await DriveAsync(host, run, parsed.GetValue(json), cancellationToken).ConfigureAwait(false);
        });
        return command;
    }

    /// <summary>Drives a run in this process and shows it.</summary>
    public static async Task<int> DriveAsync(LocalHost host, Run run, bool json, CancellationToken cancellationToken)
    {
        var definition = await host.Engine.GetDefinitionAsync(run, cancellationToken).ConfigureAwait(false);
        IRunDisplay display = json ? new JsonDisplay()
            : Terminal.IsInteractive ? new LiveDisplay(run, definition.Pipeline)
            : new PlainDisplay(run, definition.Pipeline);
        Run? ended;
        await using (display.ConfigureAwait(false))
        {
            try
            {
                ended = await host.Engine.DriveAsync(run, display.On, cancellationToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                Terminal.Tell($"Stopped; the run {run.Id[..8]} is kept as it is. `mlops up` goes on with it, `mlops cancel {run.Id[..8]}` ends it.");
                return CommandLine.Failed;
            }
        }

        if (ended is null)
        {
            Terminal.Tell($"Another host drives the run {run.Id[..8]}; `mlops runs show {run.Id[..8]}` shows it.");
            return 0;
        }

        var tasks = await host.Engine.ListTasksAsync(ended, cancellationToken).ConfigureAwait(false);
        if (json)
        {
            JsonDisplay.End(ended, tasks);
        }
        else
        {
            RunSummary.Write(ended, tasks);
        }

        return ended.Status == RunStatus.Finished ? 0 : CommandLine.Failed;
    }
}
