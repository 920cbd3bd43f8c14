using System.CommandLine;
using Serverless.Local.Display;
using Spectre.Console;

namespace Serverless.Local.Commands.Runs;

internal static class ApproveCommand
{
    public static Command Create()
    {
        var id = new Argument<string>("id") { Description = "The run's id, or enough of its beginning." };
        var task = new Argument<string>("task") { Description = "The task that waits." };
        var refuse = new Option<bool>("--refuse") { Description = "Say no: the task is cancelled." };
        var reason = new Option<string?>("--reason") { Description = "Why; it is recorded." };
        var by = new Option<string?>("--as") { Description = "Who answers. Default: this machine's user." };
        var role = new Option<string?>("--role") { Description = "In which role, where the task asks for one." };
        var command = new Command("approve", "Answers a task that waits for approval.") { id, task, refuse, reason, by, role }.WithExample(
            "mlops approve 3f2a promote"
        );
        command.OnHost(
            async (host, parsed, cancellationToken) =>
            {
                var run = await host.Engine.Runs.GetAsync(parsed.GetValue(id)!, cancellationToken);
                var isYes = !parsed.GetValue(refuse);
                await host.Engine.ApproveAsync(
                    run,
                    parsed.GetValue(task)!,
                    isYes,
                    parsed.GetValue(reason),
                    parsed.GetValue(by),
                    parsed.GetValue(role),
                    cancellationToken
                );
                Terminal.Out.WriteLine($"{parsed.GetValue(task)} is {(isYes ? "approved" : "refused")}.");
                return 0;
            }
        );
        return command;
    }
}
