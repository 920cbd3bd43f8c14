using System.CommandLine;
using System.Globalization;
using Serverless.Core;
using Serverless.Data.Operations;

namespace Serverless.Local.Commands.Data;

internal static class CheckoutCommand
{
    public static Command Create()
    {
        var targets = new Argument<string[]>("targets")
        {
            Description = "Tracked files and folders, .dvc files or stages. Omit for all.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var force = new Option<bool>("--force", "-f") { Description = "Overwrite files whose content is not in the cache." };
        var recursive = new Option<bool>("--recursive", "-R") { Description = "Include everything below the given folders." };
        var relink = new Option<bool>("--relink") { Description = "Recreate all files or links according to cache.type." };
        var summary = new Option<bool>("--summary") { Description = "Show only the number of changed files." };
        var missing = new Option<bool>("--allow-missing") { Description = "Ignore files that are missing from the cache." };
        var quiet = DataCommand.Quiet();
        var command = new Command("checkout", "Update the workspace to match the .dvc files and dvc.lock.")
        {
            targets,
            force,
            recursive,
            relink,
            summary,
            missing,
            quiet,
        };
        command.WithExample("git checkout v1.0 && mlops checkout");
        return command.OnRepository(
            (repository, parsed, cancellationToken) =>
            {
                var report = new CheckoutOperation(repository).Run(
                    parsed.GetValue(targets) ?? [],
                    parsed.GetValue(force),
                    parsed.GetValue(relink),
                    parsed.GetValue(recursive),
                    cancellationToken
                );
                if (!parsed.GetValue(quiet))
                {
                    Show(report, parsed.GetValue(summary));
                }

                if (report.Failed.Count > 0 && !parsed.GetValue(missing))
                {
                    throw ServerlessException.NotFound(
                        $"Checkout failed for following targets:\n{string.Join('\n', report.Failed)}\nIs your cache up to date?",
                        "Run `mlops pull` to fetch the missing files."
                    );
                }

                if (parsed.GetValue(relink) && !parsed.GetValue(quiet))
                {
                    Console.Out.WriteLine("Relinked successfully");
                }

                return 0;
            }
        );
    }

    /// <summary>Writes DVC's lines: `M`, `A` or `D` and the output, or the counts.</summary>
    public static void Show(CheckoutReport report, bool summary)
    {
        if (summary)
        {
            Console.Out.WriteLine(Summary(report) is { Length: > 0 } text ? text : "No changes.");
            return;
        }

        foreach (var (letter, names) in ((string, List<string>)[])[("M", report.Modified), ("A", report.Added), ("D", report.Deleted)])
        {
            foreach (var name in names.OrderBy(n => n.EndsWith('/') ? 0 : 1).ThenBy(n => n, StringComparer.Ordinal))
            {
                Console.Out.WriteLine($"{letter}\t{name}");
            }
        }
    }

    /// <summary>`1 file modified, 2 files added and 1 file deleted`, or empty if nothing changed.</summary>
    public static string Summary(CheckoutReport report)
    {
        var parts = ((string, int)[])[("modified", report.FilesModified), ("added", report.FilesAdded), ("deleted", report.FilesDeleted)];
        var words = parts
            .Where(p => p.Item2 > 0)
            .Select(p => string.Create(CultureInfo.InvariantCulture, $"{p.Item2} file{(p.Item2 > 1 ? "s" : "")} {p.Item1}"))
            .ToList();
        return words.Count > 1 ? $"{string.Join(", ", words[..^1])} and {words[^1]}" : string.Concat(words);
    }
}
