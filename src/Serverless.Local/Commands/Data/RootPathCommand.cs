using System.CommandLine;

namespace Serverless.Local.Commands.Data;

internal static class RootPathCommand
{
    public static Command Create()
    {
        var command = new Command("root", "Show the path of the data repository, relative to the current folder.");
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
