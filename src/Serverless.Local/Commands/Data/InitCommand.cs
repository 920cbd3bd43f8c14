using System.CommandLine;
using Serverless.Data.Operations;

namespace Serverless.Local.Commands.Data;

internal static class InitCommand
{
    public static Command Create()
    {
        var folder = new Argument<string>("directory") { Description = "Folder to initialize.", DefaultValueFactory = _ => "." };
        var noScm = new Option<bool>("--no-scm") { Description = "Initialize without Git." };
        var subFolder = new Option<bool>("--subdir") { Description = "Initialize in a subfolder of a Git work tree." };
        var force = new Option<bool>("--force", "-f") { Description = "Remove an existing .dvc folder and its cache." };
        var quiet = DataCommand.Quiet();
        var command = new Command("init", "Initialize a data repository, like `dvc init`.") { folder, noScm, subFolder, force, quiet };
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
