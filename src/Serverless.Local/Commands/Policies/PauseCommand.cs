using System.CommandLine;
using Serverless.Local.Display;
using Spectre.Console;

namespace Serverless.Local.Commands.Policies;

internal static class PauseCommand
{
    public static Command Create()
    {
        var model = new Argument<string>("model") { Description = "Model name." };
        var reason = new Option<string?>("--reason") { Description = "Reason to record." };
        var command = new Command("pause", "Pause automatic retraining of a model. Events that arrive meanwhile are kept.")
        {
            model,
            reason,
        }.WithExample("mlops pause churn --reason \"prices change\"");
        command.OnHost(
            async (host, parsed, cancellationToken) =>
            {
                var state = await host.Policies.PauseAsync(
                    parsed.GetValue(model)!,
                    Environment.UserName,
                    parsed.GetValue(reason),
                    cancellationToken
                );
                Terminal.Out.WriteLine($"{state.Model} is paused. Resume it with `mlops resume {state.Model}`.");
                return 0;
            }
        );
        return command;
    }
}
