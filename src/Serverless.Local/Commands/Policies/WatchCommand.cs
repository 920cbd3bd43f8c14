using System.CommandLine;
using Serverless.Local.Display;

namespace Serverless.Local.Commands.Policies;

internal static class WatchCommand
{
    public static Command Create()
    {
        var model = new Argument<string>("model") { Description = "The model." };
        var command = new Command(
            "watch",
            """
            Shows what a model's policy makes of the last event and of all that follow, and ends when nothing is under way any more.
            Exit codes: 0 a version went to Production, or there was nothing to do; 1 a run or an upload failed; 3 the challenger lost;
            4 the rollout was rolled back; 5 it waits for a person or for its time.
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
