using System.IO.Enumeration;
using Serverless.Core;
using Serverless.Data.Ignore;

namespace Serverless.Data.Files;

/// <summary>A file of a folder, with its relative path, with `/`.</summary>
public readonly record struct FoundFile(string Path, FileStat Stat);

/// <summary>Walks a folder as DVC does: follows links to files, does not enter links to folders, and skips ignored files.</summary>
public static class FolderScan
{
    /// <summary>Returns every file, sorted by <see cref="CodePointOrder"/>.</summary>
    public static List<FoundFile> Files(string folder, IgnoreRules ignore, CancellationToken cancellationToken = default)
    {
        var found = new List<FoundFile>();
        Visit(folder, ignore, found.Add, cancellationToken);
        return found;
    }

    /// <summary>Enumerates every file in the same order without keeping them in memory.</summary>
    internal static void Visit(string folder, IgnoreRules ignore, Action<FoundFile> found, CancellationToken cancellationToken) =>
        Walk(folder, "", ignore, found, cancellationToken);

    private static void Walk(string folder, string prefix, IgnoreRules ignore, Action<FoundFile> found, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var rules = ignore.For(folder);
        foreach (var item in Items(folder))
        {
            var isFolder = item[^1] == '/';
            var name = isFolder ? item[..^1] : item;
            var path = Path.Combine(folder, name);
            if (name.Contains('\uFFFD', StringComparison.Ordinal) && FileStat.Of(path, follow: false) is null)
            {
                throw ServerlessException.Invalid(
                    $"Folder '{folder}' contains a file whose name is not valid UTF-8 ('{name}').",
                    "Rename it, or list it in .dvcignore."
                );
            }

            if (rules.IsIgnored(name, isFolder))
            {
                continue;
            }

            if (isFolder)
            {
                if (FileStat.Of(path, follow: false) is { IsLink: false } && !IgnoreRules.IsRepository(path))
                {
                    Walk(path, prefix + item, ignore, found, cancellationToken);
                }
            }
            else
            {
                var stat =
                    FileStat.Of(path)
                    ?? throw (
                        FileStat.Of(path, follow: false) is { IsLink: true }
                            ? ServerlessException.Invalid(
                                $"'{path}' is a symbolic link whose target does not exist.",
                                "Remove the link, or list it in .dvcignore."
                            )
                            : Changed(folder)
                    );
                found(
                    stat.IsFile
                        ? new FoundFile(prefix + name, stat)
                        : throw ServerlessException.Invalid($"'{path}' is neither a file nor a folder.", "List it in .dvcignore.")
                );
            }
        }
    }

    internal static ServerlessException Changed(string path) =>
        ServerlessException.Conflict($"'{path}' changed while it was being read.", "Wait until nothing writes to it, and try again.");

    // With `/` after a folder's name, the order of a folder's items is the order of all paths below them.
    private static List<string> Items(string folder)
    {
        var items = new FileSystemEnumerable<string>(
            folder,
            static (ref FileSystemEntry e) => e.IsDirectory ? string.Concat(e.FileName, "/") : e.FileName.ToString(),
            new EnumerationOptions
            {
                AttributesToSkip = 0,
                IgnoreInaccessible = false,
                RecurseSubdirectories = false,
            }
        ).ToList();
        items.Sort(CodePointOrder.Instance);
        return items;
    }
}
