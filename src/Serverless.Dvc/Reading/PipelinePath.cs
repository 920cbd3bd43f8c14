namespace Serverless.Dvc.Reading;

/// <summary>
/// Handles paths as pipeline files contain them: relative to the file's folder, with `/`, and `..` only at the beginning.
/// </summary>
internal static class PipelinePath
{
    /// <summary>Joins and normalises: (`sub`, `../a/./b/`) → `a/b`; `.` is the folder itself.</summary>
    public static string Join(string folder, string path)
    {
        var parts = new List<string>();
        foreach (var part in $"{folder}/{path}".Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (part == ".")
            {
                continue;
            }

            if (part == ".." && parts.Count > 0 && parts[^1] != "..")
            {
                parts.RemoveAt(parts.Count - 1);
            }
            else
            {
                parts.Add(part);
            }
        }

        return parts.Count == 0 ? "." : string.Join('/', parts);
    }

    /// <summary>Returns true if <paramref name="path"/> is inside <paramref name="folder"/>, and not the folder itself.</summary>
    public static bool IsInside(string path, string folder)
    {
        if (folder == ".")
        {
            return path != "." && !path.StartsWith("..", StringComparison.Ordinal);
        }

        // `../..` contains `..` and everything that starts with fewer steps up.
        return folder.Split('/').All(p => p == "..")
            ? Ups(path) < Ups(folder)
            : path.Length > folder.Length && path[folder.Length] == '/' && path.StartsWith(folder, StringComparison.Ordinal);
    }

    /// <summary>Returns the parent folders, nearest first.</summary>
    public static IEnumerable<string> Parents(string path)
    {
        for (var slash = path.LastIndexOf('/'); slash > 0; slash = path.LastIndexOf('/', slash - 1))
        {
            yield return path[..slash];
        }
    }

    public static string Full(string directory, string path) =>
        path == "." ? directory : Path.GetFullPath(Path.Combine(directory, path.Replace('/', Path.DirectorySeparatorChar)));

    private static int Ups(string path) => path.Split('/').TakeWhile(p => p == "..").Count();
}
