using System.CommandLine;
using System.Globalization;
using Serverless.Core;
using Serverless.Data.Operations;
using Serverless.Data.Values;

namespace Serverless.Local.Commands.Data;

internal static class ListCommand
{
    public static Command Create()
    {
        var url = new Argument<string>("url") { Description = "Repository: a folder or a Git URL." };
        var path = new Argument<string?>("path") { Description = "Folder or file in the repository.", Arity = ArgumentArity.ZeroOrOne };
        var recursive = new Option<bool>("--recursive", "-R") { Description = "List subfolders recursively." };
        var outputs = new Option<bool>("--dvc-only") { Description = "List only tracked data." };
        var revision = new Option<string?>("--rev") { Description = "Branch, tag or commit." };
        var json = new Option<bool>("--json") { Description = "Write one line of JSON, in DVC's format." };
        var size = new Option<bool>("--size") { Description = "Show sizes." };
        var hashes = new Option<bool>("--show-hash") { Description = "Show digests." };
        var command = new Command("list", "List the files and tracked data of a repository.")
        {
            url,
            path,
            recursive,
            outputs,
            revision,
            json,
            size,
            hashes,
        };
        command.WithExample("mlops list . data -R");
        return command.Guard(
            (parsed, cancellationToken) =>
            {
                using var tree = RepositoryTree.Open(parsed.GetValue(url)!, parsed.GetValue(revision), cancellationToken);
                var folder = (parsed.GetValue(path) ?? "").Trim('/');
                folder = folder == "." ? "" : folder;
                var items = tree.Below(folder).Where(i => !parsed.GetValue(outputs) || i.IsOutput).ToList();
                if (items.Count == 0 && folder.Length > 0)
                {
                    throw ServerlessException.NotFound(
                        $"The path '{folder}' does not exist in the target repository '{parsed.GetValue(url)}'"
                    );
                }

                var shown = Shown(items, folder, parsed.GetValue(recursive));
                if (parsed.GetValue(json))
                {
                    Console.Out.WriteLine(PythonJson.Dump(new DataList([.. shown.Select(Json)])));
                    return Task.FromResult(0);
                }

                foreach (var item in shown)
                {
                    Console.Out.WriteLine(
                        (parsed.GetValue(size) ? Size(item).PadLeft(7) + "  " : "")
                            + (parsed.GetValue(hashes) ? (item.Digest ?? "-").PadRight(36) + "  " : "")
                            + item.Path
                    );
                }

                return Task.FromResult(0);
            }
        );
    }

    private static IReadOnlyList<TreeItem> Shown(List<TreeItem> items, string folder, bool recursive)
    {
        var start = folder.Length == 0 ? 0 : folder.Length + 1;
        var shown = new SortedDictionary<string, TreeItem>(StringComparer.Ordinal);
        foreach (var item in items)
        {
            var name = item.Path == folder ? Path.GetFileName(folder) : item.Path[start..];
            var slash = name.IndexOf('/', StringComparison.Ordinal);
            if (recursive || slash < 0)
            {
                shown[name] = item with { Path = name };
            }
            else
            {
                var above = name[..slash];
                var known = shown.GetValueOrDefault(above);
                shown[above] = new TreeItem(above, known?.IsOutput ?? item.IsOutput, true, false, null, null);
            }
        }

        return [.. shown.Values];
    }

    private static DataMap Json(TreeItem item) =>
        DataValues.Map(
            ("isout", DataScalar.Bool(item.IsOutput)),
            ("isdir", DataScalar.Bool(item.IsDirectory)),
            ("isexec", DataScalar.Bool(item.IsExecutable)),
            ("size", item.Size is { } size ? DataScalar.Int(size) : DataScalar.Null()),
            ("md5", item.Digest is { } digest ? DataScalar.Text(digest) : DataScalar.Null()),
            ("path", DataScalar.Text(item.Path))
        );

    private static string Size(TreeItem item)
    {
        if (item.Size is not { } size)
        {
            return "";
        }

        var (value, unit) = ((double)size, 0);
        for (; value >= 1024 && unit < 4; unit++)
        {
            value /= 1024;
        }

        return value.ToString(
                unit == 0 ? "0"
                    : value < 10 ? "0.00"
                    : value < 100 ? "0.0"
                    : "0",
                CultureInfo.InvariantCulture
            ) + "kMGT".AsSpan(Math.Max(0, unit - 1), unit == 0 ? 0 : 1).ToString();
    }
}
