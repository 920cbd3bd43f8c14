using System.CommandLine;
using Serverless.Automation.Policies.Pipelines;
using Serverless.Local.Commands.Runs;

namespace Serverless.Local.Commands.Policies;

internal static class TrainCommand
{
    public static Command Create()
    {
        var model = new Argument<string>("model") { Description = "Model name." };
        var set = new Option<string[]>("--set", "-S")
        {
            Description = "Override a pipeline parameter: params.train.lr=0.05, or FILE:NAME=VALUE. Can be repeated.",
        };
        var json = new Option<bool>("--json") { Description = "Write JSON lines: one object per event, then the run." };
        var command = new Command("train", "Train a model now, with the pipeline of its policy and the newest data.")
        {
            model,
            set,
            json,
        }.WithExample("mlops train churn --set params.candidates.light-gbm.learning_rate=0.05");
        command.OnHost(
            async (host, parsed, cancellationToken) =>
            {
                var parameters = new Dictionary<string, string>();
                foreach (var (name, value) in (parsed.GetValue(set) ?? []).Select(ParameterChanges.Parse))
                {
                    parameters[name] = value;
                }

                var engine = host.PoliciesAtWork;
                var run = await engine.TrainAsync(
                    parsed.GetValue(model)!,
                    parameters,
                    Environment.UserName,
                    cancellationToken: cancellationToken
                );
                var exitCode = await RunDriver.DriveAsync(host, run, parsed.GetValue(json), cancellationToken);
                await engine.SettleAsync(await host.Policies.GetAsync(parsed.GetValue(model)!, cancellationToken), cancellationToken);
                return exitCode;
            }
        );
        return command;
    }
}
