namespace Serverless.Data.Ignore;

/// <summary>A line of a `.dvcignore`: git's wildcards, as interpreted by DVC's library (pathspec's gitwildmatch).</summary>
internal sealed class IgnorePattern
{
    private readonly string[] segments;
    private readonly bool isAnyFolder;

    private IgnorePattern(string[] segments, bool ignores, bool isAnyFolder = false)
    {
        this.segments = segments;
        this.isAnyFolder = isAnyFolder;
        Ignores = ignores;
    }

    /// <summary>Gets a value that is false for `!pattern`, which re-includes its matches.</summary>
    public bool Ignores { get; }

    /// <summary>Parses a line. Returns null for an empty line or a comment.</summary>
    public static IgnorePattern? Parse(string line)
    {
        var text = line.Trim();
        if (text.Length == 0 || text[0] == '#' || text == "/")
        {
            return null;
        }

        var ignores = text[0] != '!';
        var segments = (ignores ? text : text[1..]).Split('/').ToList();
        if (segments[^1].Length == 0 && segments.Count > 1 && segments.Take(segments.Count - 1).All(s => s == "**"))
        {
            // `**/` is every folder with what is in it: everything but the files at the top.
            return new IgnorePattern([], ignores, isAnyFolder: true);
        }

        if (segments[0].Length == 0)
        {
            segments.RemoveAt(0);
        }
        else if (segments.Count == 1 || (segments.Count == 2 && segments[1].Length == 0))
        {
            // A pattern without a slash before its end matches at any depth.
            segments.Insert(0, "**");
        }

        if (segments.Count == 0 || segments is [""])
        {
            return null;
        }

        if (segments[^1].Length == 0)
        {
            segments[^1] = "**";
        }

        // After the slash at the end has become `**`: `X/**/` is `X/` with all below, and takes X itself back in where it is negated.
        for (var i = segments.Count - 1; i > 0; i--)
        {
            if (segments[i] == "**" && segments[i - 1] == "**")
            {
                segments.RemoveAt(i);
            }
        }

        return new IgnorePattern([.. segments], ignores);
    }

    /// <summary>Matches a path. <paramref name="path"/> is relative to the folder of the file with the pattern, with `/`.</summary>
    public bool Matches(string path, bool isFolder) =>
        isAnyFolder ? isFolder || path.Contains('/', StringComparison.Ordinal) : Matches(0, path.AsSpan(), isFolder);

    private bool Matches(int at, ReadOnlySpan<char> path, bool isFolder)
    {
        var segment = segments[at];
        var last = at == segments.Length - 1;
        if (segment == "**")
        {
            return last ? path.Length > 0 || (at > 0 && isFolder) : MatchesAnyDepth(at, path, isFolder);
        }

        var slash = path.IndexOf('/');
        var name = slash < 0 ? path : path[..slash];
        if (name.Length == 0 || !Wildcard.Matches(segment, name))
        {
            return false;
        }

        if (last)
        {
            return true;
        }

        // `a/**` needs something after `a`; a folder counts as `a/`.
        return slash >= 0
            ? Matches(at + 1, path[(slash + 1)..], isFolder)
            : segments[at + 1] == "**" && at + 2 == segments.Length && isFolder;
    }

    private bool MatchesAnyDepth(int at, ReadOnlySpan<char> path, bool isFolder)
    {
        while (true)
        {
            if (Matches(at + 1, path, isFolder))
            {
                return true;
            }

            var slash = path.IndexOf('/');
            if (slash < 0)
            {
                return false;
            }

            path = path[(slash + 1)..];
        }
    }
}
