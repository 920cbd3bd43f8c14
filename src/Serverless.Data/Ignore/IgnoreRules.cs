using Serverless.Data.Params;

namespace Serverless.Data.Ignore;

/// <summary>
/// Determines what a repository ignores: DVC's defaults, every `.dvcignore` from the root to the file's folder, and nested repositories. A
/// later line and a deeper file take precedence. Nothing in an ignored folder can be re-included.
/// </summary>
public sealed class IgnoreRules
{
    public const string FileName = ".dvcignore";

    private static readonly string[] Defaults = [".hg/", ".git/", ".git", ".dvc/"];

    private readonly string root;
    private readonly string fileName;
    private readonly string[] defaults;
    private readonly System.Collections.Concurrent.ConcurrentDictionary<string, Level> levels = new(StringComparer.Ordinal);

    public IgnoreRules(string root)
        : this(root, FileName, Defaults) { }

    private IgnoreRules(string root, string fileName, string[] defaults)
    {
        this.root = root;
        this.fileName = fileName;
        this.defaults = defaults;
    }

    /// <summary>Returns what git ignores: `.gitignore` files and the work tree's `info/exclude`.</summary>
    public static IgnoreRules OfGit(string gitRoot)
    {
        var exclude = Path.Combine(gitRoot, ".git", "info", "exclude");
        return new IgnoreRules(gitRoot, ".gitignore", [".git/", .. File.Exists(exclude) ? File.ReadAllLines(exclude) : []]);
    }

    /// <summary>Returns true if the absolute path, or a folder above it, is ignored.</summary>
    public bool IsIgnored(string path, bool isFolder)
    {
        if (Relative(path) is not { Length: > 0 } relative)
        {
            return false;
        }

        for (var slash = relative.IndexOf('/', StringComparison.Ordinal); slash >= 0; slash = relative.IndexOf('/', slash + 1))
        {
            if (IsNameIgnored(relative[..slash], isFolder: true))
            {
                return true;
            }
        }

        return IsNameIgnored(relative, isFolder);
    }

    /// <summary>Returns the rules within one folder that is not ignored itself, so that walks can check each name cheaply.</summary>
    internal FolderRules For(string folder) => new(LevelOf(Relative(folder) ?? ""));

    private bool IsNameIgnored(string relative, bool isFolder)
    {
        var slash = relative.LastIndexOf('/');
        var rules = new FolderRules(LevelOf(slash < 0 ? "" : relative[..slash]));
        return rules.IsIgnored(relative[(slash + 1)..], isFolder)
            || (isFolder && fileName == FileName && IsRepository(Path.Combine(root, relative)));
    }

    /// <summary>Detects a nested repository, which keeps its own data.</summary>
    internal static bool IsRepository(string folder) => Directory.Exists(Path.Combine(folder, ".dvc"));

    private string? Relative(string path)
    {
        if (path.Length == root.Length)
        {
            return "";
        }

        return path.StartsWith(root, StringComparison.Ordinal) && path[root.Length] == Path.DirectorySeparatorChar
                ? path[(root.Length + 1)..].Replace(Path.DirectorySeparatorChar, '/')
            : root.Length == 1 ? path[1..]
            : null;
    }

    private Level LevelOf(string folder) =>
        levels.GetOrAdd(
            folder,
            f =>
            {
                var slash = f.LastIndexOf('/');
                var above = f.Length == 0 ? null : LevelOf(slash < 0 ? "" : f[..slash]);
                var file = Path.Combine(root, f, fileName);
                var lines = File.Exists(file) ? TextFile.Read(file, f.Length == 0 ? fileName : f + "/" + fileName).Split('\n') : [];
                var patterns = (f.Length == 0 ? defaults.Concat(lines) : lines)
                    .Select(IgnorePattern.Parse)
                    .OfType<IgnorePattern>()
                    .ToArray();
                return patterns.Length == 0 && above is not null ? above with { Path = f } : new Level(f, f, patterns, above);
            }
        );

    /// <summary>
    /// The rules in the folder <paramref name="Path"/>: the patterns of the nearest file, in <paramref name="Owner"/>, and those above it.
    /// </summary>
    internal sealed record Level(string Path, string Owner, IgnorePattern[] Patterns, Level? Above);

    internal readonly struct FolderRules(Level level)
    {
        public bool IsIgnored(string name, bool isFolder)
        {
            for (var at = level; at is not null; at = at.Above)
            {
                var path =
                    level.Path.Length == at.Owner.Length ? name
                    : at.Owner.Length == 0 ? $"{level.Path}/{name}"
                    : $"{level.Path[(at.Owner.Length + 1)..]}/{name}";
                for (var i = at.Patterns.Length - 1; i >= 0; i--)
                {
                    if (at.Patterns[i].Matches(path, isFolder))
                    {
                        return at.Patterns[i].Ignores;
                    }
                }
            }

            return false;
        }
    }
}
