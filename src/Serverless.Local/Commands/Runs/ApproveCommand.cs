using System.CommandLine;
using Serverless.Local.Display;
using Spectre.Console;

namespace Serverless.Local.Commands.Runs;

internal static class ApproveCommand
{
    public static Command Create()
    {
        var id = new Argument<string>("id") { Description = "Run ID, or a unique prefix." };
        var task = new Argument<string>("task") { Description = "Task that is waiting." };
        var refuse = new Option<bool>("--refuse") { Description = "Reject the task, which cancels it." };
        var reason = new Option<string?>("--reason") { Description = "Reason to record." };
        var by = new Option<string?>("--as") { Description = "Name to record as the approver. [default: this machine's user]" };
        var role = new Option<string?>("--role") { Description = "Role to approve in, if the task requires one." };
        var command = new Command("approve", "Approve or reject a task that is waiting for approval.")
        {
            id,
            task,
            refuse,
            reason,
            by,
            role,
        }.WithExample("mlops approve 3f2a promote");
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
                Terminal.Out.WriteLine($"{parsed.GetValue(task)} is {(isYes ? "approved" : "rejected")}.");
                return 0;
            }
        );
        return command;
    }
}
