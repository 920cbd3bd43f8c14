using System.CommandLine;
using System.Globalization;
using Serverless.Local.Display;
using Spectre.Console;

namespace Serverless.Local.Commands.Policies;

internal static class ResumeCommand
{
    public static Command Create()
    {
        var model = new Argument<string>("model") { Description = "Model name." };
        var command = new Command("resume", "Resume automatic retraining of a paused model.") { model }.WithExample("mlops resume churn");
        command.OnHost(
            async (host, parsed, cancellationToken) =>
            {
                var state = await host.Policies.ResumeAsync(parsed.GetValue(model)!, cancellationToken);
                var waiting =
                    state.Pending.Count == 0
                        ? ""
                        : string.Create(
                            CultureInfo.InvariantCulture,
                            $" Events that arrived meanwhile are evaluated next: {state.Pending.Count}."
                        );
                Terminal.Out.WriteLine($"{state.Model} is active again.{waiting}");
                return 0;
            }
        );
        return command;
    }
}
