using System.CommandLine;
using Serverless.Local.Display;

namespace Serverless.Local.Commands.Policies;

internal static class WatchCommand
{
    public static Command Create()
    {
        var model = new Argument<string>("model") { Description = "Model name." };
        var command = new Command(
            "watch",
            """
            Follow a model from its last event until nothing is in progress.
            Exit codes: 0 a version went to Production, or there was nothing to do; 1 a run or an upload failed; 3 the challenger lost;
            4 the rollout was rolled back; 5 waiting for a person or for a scheduled time.
            """
        )
        {
            model,
        }.WithExample("mlops watch churn");
        command.OnHost(
            async (host, parsed, cancellationToken) => await new WatchStory(host, parsed.GetValue(model)!).TellAsync(cancellationToken)
        );
        return command;
    }
}
