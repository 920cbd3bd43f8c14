using System.CommandLine;
using Serverless.Local.Display;
using Spectre.Console;

namespace Serverless.Local.Commands.Policies;

internal static class PauseCommand
{
    public static Command Create()
    {
        var model = new Argument<string>("model") { Description = "The model." };
        var reason = new Option<string?>("--reason") { Description = "Why; it is recorded." };
        var command = new Command("pause", "Starts no run of a model by itself until it is resumed; what comes in meanwhile is kept.")
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
                Terminal.Out.WriteLine($"{state.Model} is paused. `mlops resume {state.Model}` goes on.");
                return 0;
            }
        );
        return command;
    }
}
