using System.CommandLine;
using Serverless.Dvc.Projects;
using Serverless.Dvc.Repro;
using Serverless.Local.Commands.Projects;

namespace Serverless.Local.Commands.Data;

internal static class CommitCommand
{
    public static Command Create()
    {
        var targets = new Argument<string[]>("targets")
        {
            Description = "Tracked files and folders, .dvc files or stages. Omit for all.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var force = new Option<bool>("--force", "-f") { Description = "Do not ask for confirmation of changes." };
        var dependencies = new Option<bool>("--with-deps", "-d") { Description = "Include the dependencies of the targets." };
        var recursive = new Option<bool>("--recursive", "-R") { Description = "Include everything below the given folders." };
        var noRelink = new Option<bool>("--no-relink")
        {
            Description = "Accepted for compatibility with DVC. Files are relinked only if cache.type requires links.",
        };
        var quiet = DataCommand.Quiet();
        var command = new Command("commit", "Record the current state of tracked files and stages, without running anything.")
        {
            targets,
            force,
            dependencies,
            recursive,
            noRelink,
            quiet,
        };
        command.WithExample("mlops commit data/raw.dvc\nmlops commit train -f   # an edit that needs no new run");
        return command.Guard(
            (parsed, _) =>
                TransferOptions.FailingAsync(
                    "commit",
                    () =>
                    {
                        using var project = Project.Open(Environment.CurrentDirectory);
                        var changed = ProjectCommit.Run(
                            project,
                            parsed.GetValue(targets) ?? [],
                            parsed.GetValue(dependencies),
                            parsed.GetValue(recursive),
                            parsed.GetValue(force) ? null : ReproCommand.Ask
                        );
                        DataCommand.TellGit(project.Repository!, changed, parsed.GetValue(quiet));
                        return Task.FromResult(0);
                    }
                )
        );
    }
}
