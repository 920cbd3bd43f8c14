using System.CommandLine;
using Serverless.Data.Operations;

namespace Serverless.Local.Commands.Data;

internal static class RemoveCommand
{
    public static Command Create()
    {
        var targets = new Argument<string[]>("targets")
        {
            Description = ".dvc files, or stages of a dvc.yaml.",
            Arity = ArgumentArity.OneOrMore,
        };
        var outs = new Option<bool>("--outs") { Description = "Remove the data, too." };
        var quiet = DataCommand.Quiet();
        var command = new Command("remove", "Stop tracking data, or remove a stage.") { targets, outs, quiet };
        command.WithExample("mlops remove data/raw.dvc");
        return command.OnRepository(
            (repository, parsed, cancellationToken) =>
            {
                new RemoveOperation(repository).Run(parsed.GetValue(targets)!, parsed.GetValue(outs), cancellationToken);
                return 0;
            }
        );
    }
}
