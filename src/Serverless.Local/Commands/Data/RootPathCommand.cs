using System.CommandLine;

namespace Serverless.Local.Commands.Data;

internal static class RootPathCommand
{
    public static Command Create()
    {
        var command = new Command("root", "Shows where the data repository is, relative to the current folder.");
        command.WithExample("cd \"$(mlops root)\"");
        return command.OnRepository(
            (repository, _, _) =>
            {
                Console.Out.WriteLine(Path.GetRelativePath(Environment.CurrentDirectory, repository.Root));
                return 0;
            },
            locked: false
        );
    }
}
