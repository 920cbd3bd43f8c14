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
        var file = new Argument<string>("file") { Description = "File to upload: .csv, .tsv or .parquet." };
        var dataset = new Option<string>("--dataset") { Description = "Dataset that the data belongs to.", Required = true };
        var name = new Option<string?>("--name") { Description = "Name in the inbox. [default: the file's name]" };
        var command = new Command("drop", "Upload a file to the inbox, as new data of a dataset for the policies to evaluate.")
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
                    throw ServerlessException.NotFound($"The file '{path}' does not exist.", "Name a .csv, .tsv or .parquet file.");
                }

                if (!PolicyRules.IsDatasetName(to))
                {
                    throw ServerlessException.Invalid($"'{to}' is not a valid dataset name.", "Use letters, digits, '-', '_' and '.'.");
                }

                await using var host = await LocalHost.OpenAsync(Terminal.Tell, cancellationToken);
                await using var body = File.OpenRead(path);
                var blob = await host.Store.Inbox.UploadAsync(to, parsed.GetValue(name) ?? Path.GetFileName(path), body, cancellationToken);
                Terminal.Out.WriteLine(
                    string.Create(CultureInfo.InvariantCulture, $"Uploaded {blob.File} to the inbox of {to} ({blob.Length:N0} bytes).")
                );
                var models = await host.PoliciesAtWork.ModelsOfAsync(to, cancellationToken);
                Terminal.Tell(
                    models.Count == 0
                        ? $"No policy uses dataset '{to}'. The file becomes a version, and no training starts."
                        : $"`mlops up` processes it. Follow it with {string.Join(" or ", models.Select(m => $"`mlops watch {m}`"))}."
                );
                return 0;
            }
        );
        return command;
    }
}
