using System.CommandLine;

namespace Serverless.Local.Commands.Data;

internal static class PushCommand
{
    public static Command Create()
    {
        var options = new TransferOptions();
        var command = options
            .AddTo(new Command("push", "Upload tracked content to a remote."))
            .WithExample("mlops push\nmlops push -r az data/raw -j 32");
        return command.OnRepository(
            (repository, parsed, cancellationToken) =>
                TransferOptions.FailingAsync(
                    "push data to the cloud",
                    async () =>
                    {
                        var (summary, entries) = await options
                            .Transfer(repository, parsed)
                            .PushAsync(options.Selection(parsed), parsed.GetValue(options.RunCache), cancellationToken);
                        TransferOptions.Warn(summary);
                        var count = summary.Count + entries;
                        if (!parsed.GetValue(options.Quiet) && (count > 0 || summary.Failed.Count == 0))
                        {
                            Console.Out.WriteLine(count > 0 ? TransferOptions.Files(count, "pushed") : "Everything is up to date.");
                        }

                        if (summary.Failed.Count > 0)
                        {
                            Console.Error.WriteLine(
                                $"ERROR: failed to push data to the cloud - "
                                    + $"{TransferOptions.Files(summary.Failed.Count, "failed to upload")}"
                            );
                            return 1;
                        }

                        return 0;
                    }
                )
        );
    }
}
