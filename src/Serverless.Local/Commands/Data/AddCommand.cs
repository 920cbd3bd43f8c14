using System.CommandLine;
using Serverless.Core;
using Serverless.Data.Maintenance;
using Serverless.Data.Operations;
using Serverless.Data.Remotes;

namespace Serverless.Local.Commands.Data;

internal static class AddCommand
{
    public static Command Create()
    {
        var targets = new Argument<string[]>("targets") { Description = "Files and folders to track.", Arity = ArgumentArity.OneOrMore };
        var force = new Option<bool>("--force", "-f") { Description = "Overwrite what --out names." };
        var file = new Option<string?>("--file") { Description = "The name of the .dvc file." };
        var output = new Option<string?>("--out", "-o") { Description = "Where to put a copy of a target that lies elsewhere." };
        var description = new Option<string?>("--desc") { Description = "A description for the .dvc file." };
        var glob = new Option<bool>("--glob") { Description = "Targets are patterns: *, ?, [], **." };
        var noCommit = new Option<bool>("--no-commit") { Description = "Do not put the content into the cache." };
        var noRelink = new Option<bool>("--no-relink")
        {
            Description = "Accepted for DVC's sake: files are only linked again where the cache's type asks for links.",
        };
        var toRemote = new Option<bool>("--to-remote")
        {
            Description = "Send it straight to a remote: neither the workspace nor the cache keeps it.",
        };
        var remote = new Option<string?>("--remote", "-r") { Description = "The remote for --to-remote and --into." };
        var jobs = new Option<int?>("--jobs", "-j") { Description = "How many requests at once." };
        var into = new Option<string?>("--into")
        {
            Description = "Add the targets to this tracked folder, of which nothing needs to be here.",
        };
        var below = new Option<string>("--as") { Description = "Where in the folder of --into.", DefaultValueFactory = _ => "" };
        var quiet = DataCommand.Quiet();
        var command = new Command("add", "Takes files or folders under data version control.")
        {
            targets,
            force,
            file,
            output,
            description,
            glob,
            noCommit,
            noRelink,
            toRemote,
            remote,
            jobs,
            into,
            below,
            quiet,
        };
        command.WithExample("mlops add data/raw model.bin\nmlops add data/raw/new.csv   # a part of a tracked folder");
        return command.OnRepository(
            async (repository, parsed, cancellationToken) =>
            {
                if (parsed.GetValue(toRemote) || parsed.GetValue(into) is not null)
                {
                    await using var store = RemoteFactory.Open(repository.Config, parsed.GetValue(remote)?.ToLowerInvariant());
                    var add = new RemoteAdd(repository, store, parsed.GetValue(jobs));
                    var names = parsed.GetValue(targets)!;
                    if (parsed.GetValue(into) is { } folder)
                    {
                        DataCommand.TellGit(
                            repository,
                            await add.AddIntoAsync(names, folder, parsed.GetValue(below)!, cancellationToken),
                            parsed.GetValue(quiet)
                        );
                        return 0;
                    }

                    if (names.Length != 1)
                    {
                        throw ServerlessException.Invalid("multiple targets can't be used with --to-remote");
                    }

                    DataCommand.TellGit(
                        repository,
                        await add.AddAsync(names[0], parsed.GetValue(output), cancellationToken),
                        parsed.GetValue(quiet)
                    );
                    return 0;
                }

                var options = new AddOptions(
                    parsed.GetValue(file),
                    parsed.GetValue(output),
                    parsed.GetValue(description),
                    parsed.GetValue(glob),
                    parsed.GetValue(noCommit),
                    parsed.GetValue(force)
                );
                var changed = new AddOperation(repository).Run(parsed.GetValue(targets)!, options, cancellationToken);
                DataCommand.TellGit(repository, changed, parsed.GetValue(quiet));
                return 0;
            }
        );
    }
}
