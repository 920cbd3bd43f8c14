using System.Text;
using Serverless.Data.Files;
using Serverless.Data.Params;
using Serverless.Data.Repositories;

namespace Serverless.Data.Git;

/// <summary>Excludes data from git: one line in the `.gitignore` of its folder, as in DVC.</summary>
public static class GitIgnore
{
    /// <summary>Adds lines for absolute paths that are not ignored yet. Returns the changed files.</summary>
    public static IReadOnlyList<string> Add(Repository repository, IReadOnlyList<string> paths)
    {
        if (repository.GitRoot is not { } root || paths.Count == 0)
        {
            return [];
        }

        var ignored = new GitTool(root).Ignored([.. paths.Select(p => Relative(root, p))]);
        var changed = new List<string>();
        foreach (
            var folder in paths
                .Where(p => !ignored.Contains(Relative(root, p)))
                .GroupBy(p => Path.GetDirectoryName(p)!, StringComparer.Ordinal)
        )
        {
            var file = Path.Combine(folder.Key, ".gitignore");
            var text = File.Exists(file) ? TextFile.Read(file, file) : "";
            var lines = text.Split('\n').Select(l => l.TrimEnd('\r')).ToHashSet(StringComparer.Ordinal);
            var added = folder.Select(LineOf).Where(lines.Add).ToList();
            if (added.Count > 0)
            {
                TemporaryFiles.WriteText(
                    file,
                    text + (text.Length > 0 && !text.EndsWith('\n') ? "\n" : "") + string.Concat(added.Select(l => l + "\n"))
                );
                changed.Add(file);
            }
        }

        return changed;
    }

    /// <summary>Removes a path's line, and the file if it becomes empty. Returns the file if it changed.</summary>
    public static string? Remove(Repository repository, string path)
    {
        var file = Path.Combine(Path.GetDirectoryName(path)!, ".gitignore");
        if (repository.GitRoot is null || !File.Exists(file))
        {
            return null;
        }

        var lines = TextFile.Read(file, file).Split('\n').ToList();
        if (lines.RemoveAll(l => l.Trim() == LineOf(path)) == 0)
        {
            return null;
        }

        if (lines.TrueForAll(l => l.Trim().Length == 0))
        {
            File.Delete(file);
        }
        else
        {
            TemporaryFiles.WriteText(file, string.Join('\n', lines));
        }

        return file;
    }

    private static string Relative(string root, string path) => Path.GetRelativePath(root, path).Replace(Path.DirectorySeparatorChar, '/');

    private static string LineOf(string path)
    {
        var line = new StringBuilder("/");
        foreach (var c in Path.GetFileName(path))
        {
            line.Append(c is '[' or ']' or '!' or '*' or '#' or '?' or '\\' ? "\\" : "").Append(c);
        }

        return line.ToString();
    }
}
