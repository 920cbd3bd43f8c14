using System.CommandLine;
using System.Text.Json;
using Serverless.Local.Display;
using Serverless.Storage;
using Spectre.Console;

namespace Serverless.Local.Commands.Policies;

internal static class DecisionsCommand
{
    public static Command Create()
    {
        var model = new Argument<string>("model") { Description = "Model name." };
        var count = new Option<int>("--count", "-n")
        {
            Description = "Number of decisions to show, the newest.",
            DefaultValueFactory = _ => 20,
        };
        count.MustBe(1, Automation.Policies.Records.PolicyStore.KeptDecisions);
        var json = new Option<bool>("--json") { Description = "Write JSON lines: one object per decision." };
        var command = new Command(
            "decisions",
            "Show the decision log of a model: what each trigger evaluated, and why it did or did not fire."
        )
        {
            model,
            count,
            json,
        }.WithExample("mlops decisions churn");
        command.OnHost(
            async (host, parsed, cancellationToken) =>
            {
                var name = parsed.GetValue(model)!;
                await host.Policies.GetAsync(name, cancellationToken);
                var decisions = await host.Policies.ListDecisionsAsync(name, parsed.GetValue(count), cancellationToken);
                foreach (var decision in decisions.Reverse())
                {
                    Terminal.Out.WriteLine(
                        parsed.GetValue(json) ? JsonSerializer.Serialize(decision, StorageJson.Options) : PolicyText.Line(decision)
                    );
                }

                return 0;
            }
        );
        return command;
    }
}
