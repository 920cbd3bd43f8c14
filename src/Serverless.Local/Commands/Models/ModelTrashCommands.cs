using System.CommandLine;
using System.Globalization;
using Serverless.Api.Native.Registry;
using Serverless.Core;
using Serverless.Local.Display;
using Serverless.Tracking.Models;
using Spectre.Console;

namespace Serverless.Local.Commands.Models;

/// <summary>`mlops models trash`, `restore`, `card` and `download`.</summary>
internal static class ModelTrashCommands
{
    public static IEnumerable<Command> Create() => [CreateTrash(), CreateRestore(), CreateCard(), CreateDownload()];

    private static Command CreateTrash()
    {
        var command = new Command("trash", "List deleted models and versions that can be restored.").WithExample("mlops models trash");
        command.OnHost(
            async (host, _, cancellationToken) =>
            {
                var models = await host.Registry.Trash.ListAsync(cancellationToken);
                var versions = await host.Registry.Trash.ListDeletedAsync(cancellationToken);
                if (models.Count + versions.Count == 0)
                {
                    Terminal.Out.WriteLine("No deleted models or versions.");
                    return 0;
                }

                var table = new Table().Border(TableBorder.Simple).AddColumns("model", "version", "deleted (UTC)");
                foreach (
                    var (name, version, at) in models
                        .Select(m => (m.Name, 0, m.DeletedAt))
                        .Concat(versions.Select(v => (v.Name, v.Version, v.DeletedAt)))
                )
                {
                    table.AddRow(
                        Markup.Escape(name),
                        version == 0 ? "(model)" : version.ToString(CultureInfo.InvariantCulture),
                        $"{at!.Value.UtcDateTime:yyyy-MM-dd HH:mm:ss}"
                    );
                }

                Terminal.Out.Write(table);
                return 0;
            }
        );
        return command;
    }

    private static Command CreateRestore()
    {
        var name = new Argument<string>("name") { Description = "Model name." };
        var version = new Argument<int?>("version")
        {
            Description = "Deleted version to restore. Omit to restore a deleted model.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var command = new Command("restore", "Restore a deleted model or version.") { name, version }.WithExample(
            "mlops models restore churn\nmlops models restore churn 3"
        );
        command.OnHost(
            async (host, parsed, cancellationToken) =>
            {
                var (model, actor) = (parsed.GetValue(name)!, new Actor(Environment.UserName));
                if (parsed.GetValue(version) is { } number)
                {
                    var restored = (await host.Registry.Trash.RestoreVersionAsync(model, number, actor, cancellationToken)).Version;
                    Terminal.Out.WriteLine(
                        string.Create(CultureInfo.InvariantCulture, $"Restored version {number} of {model}, in stage {restored.Stage}.")
                    );
                    return 0;
                }

                await host.Registry.Trash.RestoreAsync(model, actor, cancellationToken);
                Terminal.Out.WriteLine($"Restored model {model}.");
                return 0;
            }
        );
        return command;
    }

    private static Command CreateCard()
    {
        var (name, version) = Of();
        var command = new Command("card", "Show the Model Card of a version.") { name, version }.WithExample("mlops models card churn 3");
        command.OnHost(
            async (host, parsed, cancellationToken) =>
            {
                var cards = new ModelCards(host.Workspaces.Get(host.Store.Workspace));
                Terminal.Out.WriteLine(await cards.ReadAsync(parsed.GetValue(name)!, parsed.GetValue(version), cancellationToken));
                return 0;
            }
        );
        return command;
    }

    private static Command CreateDownload()
    {
        var (name, version) = Of();
        var folder = new Argument<DirectoryInfo>("folder") { Description = "Destination folder. It must not exist." };
        var command = new Command("download", "Download the model folder of a version.") { name, version, folder }.WithExample(
            "mlops models download churn 3 model"
        );
        command.OnHost(
            async (host, parsed, cancellationToken) =>
            {
                var to = parsed.GetValue(folder)!;
                if (to.Exists)
                {
                    throw ServerlessException.Invalid(
                        $"The folder {to.FullName} already exists.",
                        "Choose a folder that does not exist, so that its files do not mix with the model."
                    );
                }

                var (_, found) = await host.Registry.Versions.GetAsync(parsed.GetValue(name)!, parsed.GetValue(version), cancellationToken);
                await host.Registry.DownloadAsync(found, to.FullName, cancellationToken);
                Terminal.Out.WriteLine($"Written: {to.FullName}");
                return 0;
            }
        );
        return command;
    }

    private static (Argument<string> Name, Argument<int> Version) Of() =>
        (new Argument<string>("name") { Description = "Model name." }, new Argument<int>("version") { Description = "Version number." });
}
