using System.CommandLine;

namespace Serverless.Local.Commands.Data;

/// <summary>
/// The commands of a data repository, by name. Only the command that was typed is built, which keeps startup short: nothing of the
/// host, Azure or the trainers is loaded.
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

    /// <summary>DVC commands that are not supported, with the alternative to each.</summary>
    private static readonly Dictionary<string, string> NotDone = new(StringComparer.Ordinal)
    {
        ["exp"] = "use `mlops run` and `mlops runs` for experiments",
        ["experiments"] = "use `mlops run` and `mlops runs` for experiments",
        ["queue"] = "use the queue of `mlops up`",
        ["stage"] = "write the stage into dvc.yaml",
        ["run"] = "run a pipeline with `mlops run PIPELINE`",
        ["freeze"] = "set `frozen: true` in the stage or .dvc file",
        ["unfreeze"] = "remove `frozen` from the stage or .dvc file",
        ["import"] = "import files with `mlops import-url`, or copy from another repository with `mlops get`",
        ["import-db"] = "export the table to a file and add it",
        ["get-url"] = "use `mlops import-url`, which also records the source",
        ["install"] = "call `mlops checkout` and `mlops push` from your own Git hooks",
        ["plugin"] = "there are no plugins",
        ["studio"] = "use the pages of `mlops up`",
        ["du"] = "show sizes with `mlops list -R --size`",
        ["ls-url"] = "list the container with the cloud's own tools",
        ["list-url"] = "list the container with the cloud's own tools",
        ["unprotect"] = "run `mlops config cache.type copy`, then `mlops checkout --relink`",
        ["destroy"] = "remove the .dvc folder and the .dvc files",
        ["artifacts"] = "list the registry with `mlops models`",
        ["machine"] = "there are no machines to manage",
        ["daemon"] = "there is no daemon",
        ["check-ignore"] = "`mlops add` reports ignored paths",
        ["version"] = "use `mlops --version`",
        ["doctor"] = "show the version with `mlops --version`",
        ["completion"] = "there is no shell completion",
    };

    private static readonly Dictionary<string, string> Aliases = new(StringComparer.Ordinal)
    {
        ["mv"] = "move",
        ["rm"] = "remove",
        ["ls"] = "list",
    };

    /// <summary>The command name that a typed word is an alias of.</summary>
    public static string NameOf(string typed) => Aliases.GetValueOrDefault(typed, typed);

    /// <summary>The message for an unsupported DVC command. Null for any other word.</summary>
    public static string? Missing(string typed) =>
        NotDone.TryGetValue(typed, out var instead) ? $"`mlops {typed}` is not supported: {instead}." : null;
}
