using Serverless.Core;

namespace Serverless.Storage.Content;

/// <summary>Works with the files in a folder by their relative paths, with `/`.</summary>
internal static class WorkspaceFiles
{
    public static IReadOnlyList<string> List(string folder)
    {
        var found = new List<string>();
        Walk(new DirectoryInfo(folder), "", [], found);
        found.Sort(StringComparer.Ordinal);
        return found;
    }

    /// <summary>Resolves a path from a stored listing, which must stay inside the target folder.</summary>
    public static string Inside(string folder, string relativePath)
    {
        var path = Path.GetFullPath(Path.Combine(folder, relativePath));
        return path.StartsWith(Path.GetFullPath(folder) + Path.DirectorySeparatorChar, StringComparison.Ordinal)
            ? path
            : throw ServerlessException.Invalid($"The stored folder contains a path that leads outside it: '{relativePath}'.");
    }

    private static void Walk(DirectoryInfo folder, string prefix, HashSet<string> open, List<string> found)
    {
        var real = folder.ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? folder.FullName;
        if (!open.Add(real))
        {
            throw ServerlessException.Invalid(
                $"The folder '{folder.FullName}' is a symbolic link to one of its parent folders.",
                "Remove the link."
            );
        }

        foreach (var item in folder.EnumerateFileSystemInfos())
        {
            if (item is DirectoryInfo child)
            {
                Walk(child, prefix + item.Name + "/", open, found);
            }
            else
            {
                found.Add(prefix + item.Name);
            }
        }

        open.Remove(real);
    }
}
