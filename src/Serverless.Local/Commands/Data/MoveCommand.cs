using System.CommandLine;
using Serverless.Data.Operations;

namespace Serverless.Local.Commands.Data;

internal static class MoveCommand
{
    public static Command Create()
    {
        var from = new Argument<string>("src") { Description = "Tracked file or folder." };
        var to = new Argument<string>("dst") { Description = "New path." };
        var quiet = DataCommand.Quiet();
        var command = new Command("move", "Rename tracked data and its .dvc file.") { from, to, quiet };
        command.WithExample("mlops move data/raw data/original");
        return command.OnRepository(
            (repository, parsed, cancellationToken) =>
            {
                DataCommand.TellGit(
                    repository,
                    new MoveOperation(repository).Run(parsed.GetValue(from)!, parsed.GetValue(to)!, cancellationToken),
                    parsed.GetValue(quiet)
                );
                return 0;
            }
        );
    }
}
