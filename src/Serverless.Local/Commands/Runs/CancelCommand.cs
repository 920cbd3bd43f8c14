using System.CommandLine;
using Serverless.Local.Display;
using Spectre.Console;

namespace Serverless.Local.Commands.Runs;

internal static class CancelCommand
{
    public static Command Create()
    {
        var id = new Argument<string>("id") { Description = "Run ID, or a unique prefix." };
        var reason = new Option<string?>("--reason") { Description = "Reason to record." };
        var command = new Command("cancel", "Cancel a run. Running tasks are killed, and `finally` tasks still run.")
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
                        ? $"Run {run.Id[..8]} has ended: {RunText.Plain(run.Status)}."
                        : $"Asked the host of run {run.Id[..8]} to cancel it. Check its state with `mlops runs show {run.Id[..8]}`."
                );
                return 0;
            }
        );
        return command;
    }
}
