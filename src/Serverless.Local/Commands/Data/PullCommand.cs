using System.CommandLine;
using Serverless.Core;
using Serverless.Data.Operations;

namespace Serverless.Local.Commands.Data;

internal static class PullCommand
{
    public static Command Create()
    {
        var options = new TransferOptions();
        var force = new Option<bool>("--force", "-f") { Description = "Overwrite files whose content is not in the cache." };
        var missing = new Option<bool>("--allow-missing") { Description = "Ignore files that are missing from all remotes." };
        var command = options
            .AddTo(new Command("pull", "Download tracked content from a remote to the workspace.") { force, missing })
            .WithExample("mlops pull\nmlops pull -r az data/raw");
        return command.OnRepository(
            (repository, parsed, cancellationToken) =>
                TransferOptions.FailingAsync(
                    "pull data from the cloud",
                    async () =>
                    {
                        var selection = options.Selection(parsed);
                        var (summary, entries) = await options
                            .Transfer(repository, parsed)
                            .FetchAsync(selection, parsed.GetValue(options.RunCache), cancellationToken);
                        TransferOptions.Warn(summary);
                        var report = new CheckoutOperation(repository).Run(
                            selection.Targets,
                            parsed.GetValue(force),
                            recursive: selection.Recursive,
                            cancellationToken: cancellationToken
                        );
                        if (!parsed.GetValue(options.Quiet))
                        {
                            CheckoutCommand.Show(report, summary: false);
                            var parts = (
                                (string[])
                                    [
                                        summary.Count + entries > 0 ? TransferOptions.Files(summary.Count + entries, "fetched") : "",
                                        CheckoutCommand.Summary(report),
                                    ]
                            )
                                .Where(p => p.Length > 0)
                                .ToList();
                            Console.Out.WriteLine(parts.Count > 0 ? string.Join(" and ", parts) : "Everything is up to date.");
                        }

                        if (summary.Failed.Count > 0 || (report.Failed.Count > 0 && !parsed.GetValue(missing)))
                        {
                            throw ServerlessException.NotFound(
                                $"Checkout failed for following targets:\n{string.Join('\n', report.Failed)}\nIs your cache up to date?",
                                "Push the missing content from the machine that created it."
                            );
                        }

                        return 0;
                    }
                )
        );
    }
}
