namespace Serverless.Api.Artifacts;

/// <summary>Python's posixpath.normpath.</summary>
internal static class PosixPath
{
    public static string Normalize(string path)
    {
        if (path.Length == 0)
        {
            return ".";
        }

        // Two slashes at the start mean something of their own in POSIX; three do not.
        var root =
            path.StartsWith("//", StringComparison.Ordinal) && !path.StartsWith("///", StringComparison.Ordinal) ? "//"
            : path[0] == '/' ? "/"
            : "";
        var parts = new List<string>();
        foreach (var part in path.Split('/'))
        {
            if (part is "" or ".")
            {
                continue;
            }

            if (part != ".." || (root.Length == 0 && parts.Count == 0) || (parts.Count > 0 && parts[^1] == ".."))
            {
                parts.Add(part);
            }
            else if (parts.Count > 0)
            {
                parts.RemoveAt(parts.Count - 1);
            }
        }

        var normal = root + string.Join('/', parts);
        return normal.Length == 0 ? "." : normal;
    }
}
