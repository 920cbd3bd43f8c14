using System.CommandLine;
using System.Globalization;
using Serverless.Automation.Policies.Document;
using Serverless.Core;
using Serverless.Local.Display;
using Serverless.Local.Hosting;
using Spectre.Console;

namespace Serverless.Local.Commands.Policies;

internal static class DropCommand
{
    public static Command Create()
    {
        var file = new Argument<string>("file") { Description = "A .csv, .tsv or .parquet file." };
        var dataset = new Option<string>("--dataset") { Description = "The dataset that it is new data of.", Required = true };
        var name = new Option<string?>("--name") { Description = "What it is called in the inbox (default: the file's name)." };
        var command = new Command("drop", "Drops a file into the inbox: new data of a dataset, for the policies to look at.")
        {
            file,
            dataset,
            name,
        }.WithExample("mlops drop samples/churn/month-2.csv --dataset churn");
        command.Guarded(
            async (parsed, cancellationToken) =>
            {
                var path = parsed.GetValue(file)!;
                var to = parsed.GetValue(dataset)!;
                if (!File.Exists(path))
                {
                    throw ServerlessException.NotFound($"There is no file '{path}'.", "Name a .csv, .tsv or .parquet file.");
                }

                if (!PolicyRules.IsDatasetName(to))
                {
                    throw ServerlessException.Invalid($"'{to}' is no name of a dataset.", "Use letters, digits, '-', '_' and '.'.");
                }

                await using var host = await LocalHost.OpenAsync(Terminal.Tell, cancellationToken);
                await using var body = File.OpenRead(path);
                var blob = await host.Store.Inbox.UploadAsync(to, parsed.GetValue(name) ?? Path.GetFileName(path), body, cancellationToken);
                Terminal.Out.WriteLine(
                    string.Create(CultureInfo.InvariantCulture, $"Dropped {blob.File} into the inbox of {to} ({blob.Length:N0} bytes).")
                );
                var models = await host.PoliciesAtWork.ModelsOfAsync(to, cancellationToken);
                Terminal.Tell(
                    models.Count == 0
                        ? $"No policy takes the dataset '{to}': it is kept as a version, and nothing starts."
                        : $"`mlops up` takes it in; {string.Join(", ", models.Select(m => $"`mlops watch {m}`"))} shows what comes of it."
                );
                return 0;
            }
        );
        return command;
    }
}
