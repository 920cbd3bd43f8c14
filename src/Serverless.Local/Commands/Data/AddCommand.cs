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
        var force = new Option<bool>("--force", "-f") { Description = "Overwrite the path that --out names." };
        var file = new Option<string?>("--file") { Description = "Name of the .dvc file." };
        var output = new Option<string?>("--out", "-o") { Description = "Copy a target from outside the repository to this path." };
        var description = new Option<string?>("--desc") { Description = "Description to store in the .dvc file." };
        var glob = new Option<bool>("--glob") { Description = "Treat targets as patterns: *, ?, [], **." };
        var noCommit = new Option<bool>("--no-commit") { Description = "Do not store the content in the cache." };
        var noRelink = new Option<bool>("--no-relink")
        {
            Description = "Accepted for compatibility with DVC. Files are relinked only if cache.type requires links.",
        };
        var toRemote = new Option<bool>("--to-remote")
        {
            Description = "Upload the target straight to a remote, without keeping it in the workspace or the cache.",
        };
        var remote = new Option<string?>("--remote", "-r") { Description = "Remote for --to-remote and --into." };
        var jobs = new Option<int?>("--jobs", "-j") { Description = "Number of parallel requests." };
        var into = new Option<string?>("--into")
        {
            Description = "Add the targets to this tracked folder. None of its files needs to be present.",
        };
        var below = new Option<string>("--as") { Description = "Path inside the --into folder.", DefaultValueFactory = _ => "" };
        var quiet = DataCommand.Quiet();
        var command = new Command("add", "Track files or folders with data version control.")
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
        command.WithExample("mlops add data/raw model.bin\nmlops add data/raw/new.csv   # part of a tracked folder");
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
