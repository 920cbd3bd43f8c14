using System.CommandLine;
using System.Globalization;
using Serverless.Local.Display;
using Spectre.Console;

namespace Serverless.Local.Commands.Policies;

internal static class ResumeCommand
{
    public static Command Create()
    {
        var model = new Argument<string>("model") { Description = "The model." };
        var command = new Command("resume", "Lets a paused model retrain by itself again.") { model }.WithExample("mlops resume churn");
        command.OnHost(
            async (host, parsed, cancellationToken) =>
            {
                var state = await host.Policies.ResumeAsync(parsed.GetValue(model)!, cancellationToken);
                var waiting =
                    state.Pending.Count == 0
                        ? ""
                        : string.Create(
                            CultureInfo.InvariantCulture,
                            $" {state.Pending.Count} events that came in meanwhile are looked at next."
                        );
                Terminal.Out.WriteLine($"{state.Model} is watched again.{waiting}");
                return 0;
            }
        );
        return command;
    }
}
