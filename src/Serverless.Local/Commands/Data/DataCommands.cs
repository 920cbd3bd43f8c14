using System.CommandLine;

namespace Serverless.Local.Commands.Data;

/// <summary>
/// The commands of a data repository, by name. Only the one that is typed is built: each start is short, and nothing of the host, of Azure
/// or of
/// the trainers is loaded for them.
/// </summary>
internal static class DataCommands
{
    public static IReadOnlyDictionary<string, Func<Command>> All { get; } =
        new Dictionary<string, Func<Command>>(StringComparer.Ordinal)
        {
            ["init"] = InitCommand.Create,
            ["add"] = AddCommand.Create,
            ["commit"] = CommitCommand.Create,
            ["move"] = MoveCommand.Create,
            ["remove"] = RemoveCommand.Create,
            ["checkout"] = CheckoutCommand.Create,
            ["status"] = StatusCommand.Create,
            ["diff"] = DiffCommand.Create,
            ["list"] = ListCommand.Create,
            ["get"] = GetCommand.Create,
            ["import-url"] = ImportUrlCommand.Create,
            ["update"] = UpdateCommand.Create,
            ["config"] = ConfigCommand.Create,
            ["remote"] = RemoteCommand.Create,
            ["root"] = RootPathCommand.Create,
            ["push"] = PushCommand.Create,
            ["fetch"] = FetchCommand.Create,
            ["pull"] = PullCommand.Create,
            ["gc"] = GcCommand.Create,
            ["fsck"] = FsckCommand.Create,
            ["tag"] = TagCommand.Create,
        };

    /// <summary>What DVC has and this program has not: said in one line instead of a guess.</summary>
    private static readonly Dictionary<string, string> NotDone = new(StringComparer.Ordinal)
    {
        ["exp"] = "`mlops run` and `mlops runs` keep experiments",
        ["experiments"] = "`mlops run` and `mlops runs` keep experiments",
        ["queue"] = "`mlops up` runs a queue of its own",
        ["stage"] = "write the stage into dvc.yaml",
        ["run"] = "`mlops run PIPELINE` runs a pipeline",
        ["freeze"] = "set `frozen: true` in the stage or pointer",
        ["unfreeze"] = "remove `frozen` from the stage or pointer",
        ["import"] = "`mlops import-url` takes files, `mlops get` copies from another repository",
        ["import-db"] = "export the table to a file and add it",
        ["get-url"] = "`mlops import-url` takes files and remembers where they came from",
        ["install"] = "call `mlops checkout` and `mlops push` in your own git hooks",
        ["plugin"] = "there are none",
        ["studio"] = "`mlops up` has its own pages",
        ["du"] = "`mlops list -R --size` shows sizes",
        ["ls-url"] = "list the container with its own tools",
        ["list-url"] = "list the container with its own tools",
        ["unprotect"] = "`mlops checkout --relink` after `mlops config cache.type copy`",
        ["destroy"] = "remove the folder .dvc and the .dvc files",
        ["artifacts"] = "`mlops models` lists the registry",
        ["machine"] = "there are none",
        ["daemon"] = "there is none",
        ["check-ignore"] = "`mlops add` says when a path is ignored",
        ["version"] = "`mlops --version` shows it",
        ["doctor"] = "`mlops --version` shows the version",
        ["completion"] = "there is none",
    };

    private static readonly Dictionary<string, string> Aliases = new(StringComparer.Ordinal)
    {
        ["mv"] = "move",
        ["rm"] = "remove",
        ["ls"] = "list",
    };

    /// <summary>The name that a typed word stands for.</summary>
    public static string NameOf(string typed) => Aliases.GetValueOrDefault(typed, typed);

    /// <summary>Null if the word is no command of DVC's that is missing here.</summary>
    public static string? Missing(string typed) =>
        NotDone.TryGetValue(typed, out var instead) ? $"`mlops {typed}` is not done here; {instead}." : null;
}
