using System.CommandLine;
using Serverless.Local.Display;
using Spectre.Console;

namespace Serverless.Local.Commands.Runs;

internal static class CancelCommand
{
    public static Command Create()
    {
        var id = new Argument<string>("id") { Description = "The run's id, or enough of its beginning." };
        var reason = new Option<string?>("--reason") { Description = "Why; it is recorded." };
        var command = new Command("cancel", "Cancels a run: running tasks are killed, `finally` tasks still run.")
        {
            id,
            reason,
        }.WithExample("mlops cancel 3f2a --reason \"wrong data\"");
        command.OnHost(
            async (host, parsed, cancellationToken) =>
            {
                var run = await host.Engine.Runs.GetAsync(parsed.GetValue(id)!, cancellationToken);
                run = await host.Engine.CancelAsync(run, parsed.GetValue(reason), cancellationToken);
                Terminal.Out.WriteLine(
                    run.IsEnded
                        ? $"The run {run.Id[..8]} has ended: {RunText.Plain(run.Status)}."
                        : $"The host that drives {run.Id[..8]} was told to cancel it; `mlops runs show {run.Id[..8]}` shows when it has."
                );
                return 0;
            }
        );
        return command;
    }
}
