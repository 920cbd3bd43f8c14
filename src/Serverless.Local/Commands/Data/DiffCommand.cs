using System.CommandLine;
using System.Globalization;
using Serverless.Data.Operations;
using Serverless.Data.Values;

namespace Serverless.Local.Commands.Data;

internal static class DiffCommand
{
    private static readonly string[] States = ["added", "deleted", "renamed", "modified", "not in cache"];

    public static Command Create()
    {
        var from = new Argument<string>("a_rev") { Description = "Old revision.", DefaultValueFactory = _ => "HEAD" };
        var to = new Argument<string?>("b_rev") { Description = "New revision. Omit for the workspace.", Arity = ArgumentArity.ZeroOrOne };
        var targets = new Option<string[]>("--targets")
        {
            Description = "Compare only these files and folders.",
            AllowMultipleArgumentsPerToken = true,
        };
        var json = new Option<bool>("--json") { Description = "Write one line of JSON, in DVC's format." };
        var hashes = new Option<bool>("--show-hash") { Description = "Show digests." };
        var markdown = new Option<bool>("--md") { Description = "Write a Markdown table." };
        var hide = new Option<bool>("--hide-missing") { Description = "Hide files that are missing from the cache." };
        var command = new Command("diff", "Show added, modified and deleted data between two revisions, or a revision and the workspace.")
        {
            from,
            to,
            targets,
            json,
            hashes,
            markdown,
            hide,
        };
        command.WithExample("mlops diff HEAD~1 HEAD --json");
        return command.OnRepository(
            (repository, parsed, cancellationToken) =>
            {
                var diff = new DiffOperation(repository).Run(
                    parsed.GetValue(from)!,
                    parsed.GetValue(to),
                    parsed.GetValue(targets) ?? [],
                    cancellationToken
                );
                var hideMissing = parsed.GetValue(to) is not null || parsed.GetValue(hide);
                diff = hideMissing ? diff.With("not in cache", null) : diff;
                if (parsed.GetValue(json))
                {
                    Console.Out.WriteLine(PythonJson.Dump(parsed.GetValue(hashes) ? diff : WithoutHashes(diff)));
                }
                else if (parsed.GetValue(markdown))
                {
                    Markdown(diff, parsed.GetValue(hashes));
                }
                else if (diff.Entries.Count > 0)
                {
                    Plain(diff, parsed.GetValue(hashes));
                }

                return 0;
            }
        );
    }

    private static DataMap WithoutHashes(DataMap diff) =>
        new([.. diff.Entries.Select(e => new DataEntry(e.Key, new DataList([.. Items(e.Value).Select(i => i.With("hash", null))])))]);

    private static void Plain(DataMap diff, bool hashes)
    {
        var counts = new List<string>();
        foreach (var state in States.Where(s => diff[s] is DataList { Items.Count: > 0 }))
        {
            Console.Out.WriteLine($"{char.ToUpperInvariant(state[0])}{state[1..]}:");
            var files = 0;
            foreach (var item in Items(diff[state]))
            {
                var path = PathOf(item);
                files += path.EndsWith('/') ? 0 : 1;
                Console.Out.WriteLine($"    {(hashes ? Short(item) + "  " : "")}{path}");
            }

            Console.Out.WriteLine();
            if (files > 0)
            {
                counts.Add(string.Create(CultureInfo.InvariantCulture, $"{files} {state}"));
            }
        }

        if (counts.Count > 0)
        {
            Console.Out.WriteLine("files summary: " + string.Join(", ", counts));
        }
    }

    private static void Markdown(DataMap diff, bool hashes)
    {
        var rows = States.SelectMany(s => Items(diff[s]).Select(i => hashes ? new[] { s, Short(i), PathOf(i) } : [s, PathOf(i)])).ToList();
        string[] head = hashes ? ["Status", "Hash", "Path"] : ["Status", "Path"];
        var widths = head.Select((h, i) => Math.Max(h.Length, rows.Count == 0 ? 0 : rows.Max(r => r[i].Length))).ToArray();
        string Line(string[] row) => "| " + string.Join(" | ", row.Select((c, i) => c.PadRight(widths[i]))) + " |";
        Console.Out.WriteLine(Line(head));
        Console.Out.WriteLine("|" + string.Join("|", widths.Select(w => new string('-', w + 2))) + "|");
        rows.ForEach(r => Console.Out.WriteLine(Line(r)));
        Console.Out.WriteLine();
    }

    private static IEnumerable<DataMap> Items(DataNode? list) => (list as DataList)?.Items.Cast<DataMap>() ?? [];

    private static string PathOf(DataMap item) =>
        item["path"] is DataMap both ? $"{both["old"]!.AsText} -> {both["new"]!.AsText}" : item["path"]!.AsText!;

    private static string Short(DataMap item) =>
        item["hash"] is DataMap both ? $"{both["old"]!.AsText![..8]}..{both["new"]!.AsText![..8]}" : item["hash"]!.AsText![..8];
}
