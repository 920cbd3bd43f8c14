using System.CommandLine;
using Serverless.Data.Operations;

namespace Serverless.Local.Commands.Data;

internal static class ImportUrlCommand
{
    public static Command Create()
    {
        var url = new Argument<string>("url")
        {
            Description = "Source: a path, an http(s) URL, azure://container/blob or remote://name/blob.",
        };
        var output = new Argument<string?>("out") { Description = "Destination path.", Arity = ArgumentArity.ZeroOrOne };
        var force = new Option<bool>("--force", "-f") { Description = "Overwrite existing files." };
        var noDownload = new Option<bool>("--no-download", "--no-exec") { Description = "Record the source without downloading." };
        var description = new Option<string?>("--desc") { Description = "Description to store in the .dvc file." };
        var quiet = DataCommand.Quiet();
        var command = new Command("import-url", "Import data from a URL or path, track it and record its source.")
        {
            url,
            output,
            force,
            noDownload,
            description,
            quiet,
        };
        command.WithExample("mlops import-url https://example.org/data.csv data/raw.csv");
        return command.OnRepository(
            async (repository, parsed, cancellationToken) =>
            {
                var options = new ImportOptions(parsed.GetValue(force), parsed.GetValue(noDownload), parsed.GetValue(description));
                var changed = await new ImportOperation(repository).RunAsync(
                    parsed.GetValue(url)!,
                    parsed.GetValue(output),
                    options,
                    cancellationToken
                );
                DataCommand.TellGit(repository, changed, parsed.GetValue(quiet));
                return 0;
            }
        );
    }
}

internal static class UpdateCommand
{
    public static Command Create()
    {
        var targets = new Argument<string[]>("targets")
        {
            Description = "Imported files or their .dvc files. Omit for all.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var recursive = new Option<bool>("--recursive", "-R") { Description = "Include everything below the given folders." };
        var quiet = DataCommand.Quiet();
        var command = new Command("update", "Update imported data whose source has changed.") { targets, recursive, quiet };
        command.WithExample("mlops update data/raw.csv.dvc");
        return command.OnRepository(
            async (repository, parsed, cancellationToken) =>
            {
                var changed = await new ImportOperation(repository).UpdateAsync(
                    parsed.GetValue(targets) ?? [],
                    parsed.GetValue(recursive),
                    cancellationToken: cancellationToken
                );
                DataCommand.TellGit(repository, changed, parsed.GetValue(quiet));
                return 0;
            }
        );
    }
}
