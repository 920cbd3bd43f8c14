using System.CommandLine;
using Serverless.Core;
using Serverless.Data.Operations;
using Serverless.Data.Pointers;
using Serverless.Data.Remotes;

namespace Serverless.Local.Commands.Data;

internal static class GetCommand
{
    public static Command Create()
    {
        var url = new Argument<string>("url") { Description = "Repository: a folder or a Git URL." };
        var path = new Argument<string>("path") { Description = "File or folder in the repository." };
        var output = new Option<string?>("--out", "-o") { Description = "Destination path." };
        var revision = new Option<string?>("--rev") { Description = "Branch, tag or commit." };
        var force = new Option<bool>("--force", "-f") { Description = "Overwrite existing files." };
        var quiet = DataCommand.Quiet();
        var command = new Command("get", "Copy a file or folder from a repository, without tracking it.")
        {
            url,
            path,
            output,
            revision,
            force,
            quiet,
        };
        command.WithExample("mlops get ../other-project data/raw -o raw --rev v1.0");
        return command.Guard(
            async (parsed, cancellationToken) =>
            {
                var inside = parsed.GetValue(path)!.Trim('/');
                var target = parsed.GetValue(output) ?? Path.GetFileName(inside);
                target = Directory.Exists(target) ? Path.Combine(target, Path.GetFileName(inside)) : target;
                if (target.EndsWith(PointerFile.Extension, StringComparison.Ordinal))
                {
                    throw ServerlessException.Invalid("the given path is a DVC file, you must specify a data file or a directory");
                }

                if (Path.Exists(target) && !parsed.GetValue(force))
                {
                    throw ServerlessException.Conflict(
                        $"The file '{target}' already exists locally.",
                        "To override it, re-run with '--force'."
                    );
                }

                using var tree = RepositoryTree.Open(parsed.GetValue(url)!, parsed.GetValue(revision), cancellationToken);
                await TreeFetch.RunAsync(tree, inside, cancellationToken: cancellationToken);
                var items = tree.Below(inside);
                if (items.Count == 0)
                {
                    throw ServerlessException.NotFound(
                        $"The path '{inside}' does not exist in the target repository '{parsed.GetValue(url)}'"
                    );
                }

                if (tree.Missing(items) is [var missing, ..])
                {
                    throw ServerlessException.NotFound(
                        $"'{missing.Path}' is neither in the cache nor in the remote of '{parsed.GetValue(url)}'.",
                        "Push the file from that repository to its remote first."
                    );
                }

                foreach (var item in items)
                {
                    tree.CopyTo(
                        item,
                        Path.GetFullPath(item.Path == inside ? target : Path.Combine(target, item.Path[(inside.Length + 1)..]))
                    );
                }

                return 0;
            }
        );
    }
}
