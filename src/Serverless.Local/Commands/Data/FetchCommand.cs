using System.CommandLine;

namespace Serverless.Local.Commands.Data;

internal static class FetchCommand
{
    public static Command Create()
    {
        var options = new TransferOptions();
        var command = options
            .AddTo(new Command("fetch", "Download tracked content from a remote to the cache."))
            .WithExample("mlops fetch\nmlops fetch data/raw/part-7.csv");
        return command.OnRepository(
            (repository, parsed, cancellationToken) =>
                TransferOptions.FailingAsync(
                    "fetch data from the cloud",
                    async () =>
                    {
                        var (summary, entries) = await options
                            .Transfer(repository, parsed)
                            .FetchAsync(options.Selection(parsed), parsed.GetValue(options.RunCache), cancellationToken);
                        TransferOptions.Warn(summary);
                        var count = summary.Count + entries;
                        if (!parsed.GetValue(options.Quiet) && (count > 0 || summary.Failed.Count == 0))
                        {
                            Console.Out.WriteLine(count > 0 ? TransferOptions.Files(count, "fetched") : "Everything is up to date.");
                        }

                        // Missing content was reported as a warning. As in DVC, `fetch` then ends with 0 and `pull` with 1.
                        if (summary.Failed.Count > 0)
                        {
                            Console.Error.WriteLine(
                                $"ERROR: failed to fetch data from the cloud - "
                                    + $"{TransferOptions.Files(summary.Failed.Count, "failed to download")}"
                            );
                            return 1;
                        }

                        return 0;
                    }
                )
        );
    }
}
