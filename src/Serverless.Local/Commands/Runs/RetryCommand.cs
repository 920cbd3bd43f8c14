using System.CommandLine;

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
                run = await host.Engine.RetryAsync(run, cancellationToken);
                return await RunDriver.DriveAsync(host, run, parsed.GetValue(json), cancellationToken);
            }
        );
        return command;
    }
}
