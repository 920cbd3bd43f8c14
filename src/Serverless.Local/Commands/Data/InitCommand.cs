using System.CommandLine;
using Serverless.Data.Operations;

namespace Serverless.Local.Commands.Data;

internal static class InitCommand
{
    public static Command Create()
    {
        var folder = new Argument<string>("directory") { Description = "The folder to make a repository.", DefaultValueFactory = _ => "." };
        var noScm = new Option<bool>("--no-scm") { Description = "Without git." };
        var subFolder = new Option<bool>("--subdir") { Description = "In a folder of a git work tree that is not its root." };
        var force = new Option<bool>("--force", "-f") { Description = "Remove a .dvc folder that is there, with its cache." };
        var quiet = DataCommand.Quiet();
        var command = new Command("init", "Makes a folder a data repository, as `dvc init` does.")
        {
            folder,
            noScm,
            subFolder,
            force,
            quiet,
        };
        command.WithExample("mlops init --no-scm");
        return command.Guard(
            (parsed, _) =>
            {
                RepositoryInit.Run(parsed.GetValue(folder)!, parsed.GetValue(noScm), parsed.GetValue(subFolder), parsed.GetValue(force));
                if (!parsed.GetValue(quiet))
                {
                    Console.Out.WriteLine("Initialized DVC repository.\n");
                    if (!parsed.GetValue(noScm))
                    {
                        Console.Out.WriteLine("You can now commit the changes to git.\n");
                    }
                }

                return Task.FromResult(0);
            }
        );
    }
}
