using System.IO.Enumeration;
using Serverless.Core;

namespace Serverless.Local.Commands.Data;

/// <summary>Expands target patterns: `*` and `?` in a name, `**` across folders. A .dvc file counts for data that is not here.</summary>
internal static class GlobTargets
{
    public static IEnumerable<string> Expand(string pattern)
    {
        var parts = pattern.Replace('\\', '/').Split('/');
        var found = Find(".", parts, 0)
            .Select(p => p.StartsWith("./", StringComparison.Ordinal) ? p[2..] : p)
            .Distinct()
            .Order(StringComparer.Ordinal)
            .ToList();
        // DVC matches what it tracks: data of a .dvc file counts even if it is not checked out.
        return found.Count > 0
            ? found
            : throw ServerlessException.NotFound(
                $"Glob {pattern} has no matches.",
                "Quote the pattern so that the shell does not expand it."
            );
    }

    private static IEnumerable<string> Find(string folder, string[] parts, int at)
    {
        if (!Directory.Exists(folder))
        {
            yield break;
        }

        if (parts[at] == "**")
        {
            foreach (
                var below in Directory
                    .EnumerateDirectories(folder, "*", SearchOption.AllDirectories)
                    .Where(d => !d.Contains("/.", StringComparison.Ordinal) || !d[1..].Contains("/.", StringComparison.Ordinal))
                    .Prepend(folder)
            )
            {
                foreach (var found in at + 1 < parts.Length ? Find(below, parts, at + 1) : [below])
                {
                    yield return found;
                }
            }

            yield break;
        }

        foreach (var item in Directory.EnumerateFileSystemEntries(folder))
        {
            var name = Path.GetFileName(item);
            if (!FileSystemName.MatchesSimpleExpression(parts[at], name, ignoreCase: false))
            {
                continue;
            }

            if (at + 1 == parts.Length)
            {
                // Only tracked files are targets: skip all others.
                if (name.EndsWith(".dvc", StringComparison.Ordinal) || File.Exists(item + ".dvc"))
                {
                    yield return item;
                }
            }
            else
            {
                foreach (var found in Find(item, parts, at + 1))
                {
                    yield return found;
                }
            }
        }
    }
}
