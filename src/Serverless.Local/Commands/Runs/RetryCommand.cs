using System.CommandLine;
using Serverless.Core;
using Serverless.Local.Display;
using Serverless.Pipelines.Orchestration;

namespace Serverless.Local.Commands.Runs;

internal static class RetryCommand
{
    public static Command Create()
    {
        var id = new Argument<string>("id") { Description = "Run ID, or a unique prefix." };
        var json = new Option<bool>("--json") { Description = "Write JSON lines: one object per event, then the run." };
        var command = new Command("retry", "Rerun failed, cancelled and skipped tasks of a run. Uses the run's own definition and sources.")
        {
            id,
            json,
        }.WithExample("mlops retry 3f2a");
        command.OnHost(
            async (host, parsed, cancellationToken) =>
            {
                var run = await host.Engine.Runs.GetAsync(parsed.GetValue(id)!, cancellationToken);
                var wrong = (await host.Engine.ListTasksAsync(run, cancellationToken)).FirstOrDefault(t =>
                    t.State == TaskState.Failed && t.Result.Error?.Code is ErrorCodes.InvalidParameterValue or ErrorCodes.ValidationFailed
                );
                if (wrong is not null)
                {
                    Terminal.Tell(
                        $"{wrong.Path} failed because of its definition or its data, and a retry uses those of the run. If you have "
                            + $"corrected "
                            + "them, start a new run with `mlops run`: what succeeded comes out of the cache."
                    );
                }

                run = await host.Engine.RetryAsync(run, cancellationToken);
                return await RunDriver.DriveAsync(host, run, parsed.GetValue(json), cancellationToken);
            }
        );
        return command;
    }
}
