using System.CommandLine;
using System.Globalization;
using System.Text.RegularExpressions;
using Serverless.Api.Hosting;
using Serverless.Core;
using Serverless.Local.Display;
using Spectre.Console;

namespace Serverless.Local.Commands.Runs;

/// <summary>`mlops runs gc` and `mlops runs restore`: remove deleted items for good, or restore them.</summary>
internal static partial class RunsGcCommand
{
    public static Command Create()
    {
        var age = new Option<string>("--older-than")
        {
            Description = "Minimum time since deletion, such as 30d, 12h or 0d.",
            DefaultValueFactory = _ => "30d",
        };
        var apply = new Option<bool>("--apply", "--force")
        {
            Description = "Remove permanently. Without this option, gc only lists what it would remove.",
        };
        var command = new Command(
            "gc",
            "List deleted runs, experiments, models and artifacts that would be removed, and why others are kept. Removes them "
                + "permanently with --apply."
        )
        {
            age,
            apply,
        }.WithExample("mlops runs gc\nmlops runs gc --older-than 7d --apply");
        command.OnHost(
            async (host, parsed, cancellationToken) =>
            {
                var before = TimeProvider.System.GetUtcNow() - AgeOf(parsed.GetValue(age)!);
                var collector = new TrashCollector(host.Workspaces.Get(host.Store.Workspace));
                var isApplied = parsed.GetValue(apply);
                if (isApplied)
                {
                    var gone = await collector.CollectAsync(before, cancellationToken);
                    Show(gone, "removed");
                    Terminal.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{gone.Count} permanently removed."));
                    return 0;
                }

                var found = await collector.ListAsync(before, cancellationToken);
                Show(found, "remove");
                var going = found.Count(f => f.Kept is null);
                Terminal.Out.WriteLine(
                    found.Count == 0
                        ? "Nothing to collect: there are no deleted items."
                        : string.Create(
                            CultureInfo.InvariantCulture,
                            $"{going} of {found.Count} would be removed. This was a dry run. Apply it with `mlops runs gc --apply`."
                        )
                );
                return 0;
            }
        );
        return command;
    }

    public static Command CreateRestore()
    {
        var id = new Argument<string>("id")
        {
            Description = "ID of a deleted run, experiment or artifact, as listed by `mlops runs gc`. For a run, a unique prefix.",
        };
        var artifacts = new Option<bool>("--artifacts") { Description = "Restore the artifacts that were deleted from the run, too." };
        var command = new Command("restore", "Restore a deleted run, experiment or artifact.") { id, artifacts }.WithExample(
            "mlops runs restore 3f2a"
        );
        command.OnHost(
            async (host, parsed, cancellationToken) =>
            {
                var restorer = new TrashRestorer(host.Workspaces.Get(host.Store.Workspace));
                foreach (var line in await restorer.RestoreAsync(parsed.GetValue(id)!, parsed.GetValue(artifacts), cancellationToken))
                {
                    Terminal.Out.WriteLine(line);
                }

                return 0;
            }
        );
        return command;
    }

    internal static TimeSpan AgeOf(string text)
    {
        var match = Age().Match(text);
        if (
            !match.Success
            || !double.TryParse(match.Groups["n"].Value, NumberStyles.Float, CultureInfo.InvariantCulture, out var n)
            || n > 36_500
        )
        {
            throw ServerlessException.Invalid($"'{text}' is not a valid duration.", "Use a number with a unit, such as 30d, 12h or 15m.");
        }

        return match.Groups["unit"].Value switch
        {
            "d" => TimeSpan.FromDays(n),
            "h" => TimeSpan.FromHours(n),
            "m" => TimeSpan.FromMinutes(n),
            _ => TimeSpan.FromSeconds(n),
        };
    }

    private static void Show(IReadOnlyList<Trashed> found, string word)
    {
        if (found.Count == 0)
        {
            return;
        }

        var table = new Table().Border(TableBorder.Simple).AddColumns("", "what", "id", "name", "deleted (UTC)", "reason");
        foreach (var item in found.OrderBy(f => f.Kept is not null).ThenBy(f => f.Kind, StringComparer.Ordinal).ThenBy(f => f.DeletedAt))
        {
            table.AddRow(
                item.Kept is null ? $"[red]{word}[/]" : "[grey]keep[/]",
                item.Kind,
                Markup.Escape(item.Id.Length == 32 ? item.Id[..8] : item.Id),
                Markup.Escape(item.Name),
                $"{item.DeletedAt.UtcDateTime:yyyy-MM-dd HH:mm:ss}",
                Markup.Escape(item.Kept ?? "")
            );
        }

        Terminal.Out.Write(table);
    }

    [GeneratedRegex(@"^(?<n>\d+(\.\d+)?)(?<unit>[dhms])$")]
    private static partial Regex Age();
}
