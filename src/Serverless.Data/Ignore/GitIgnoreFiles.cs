namespace Serverless.Data;

/// <summary>Writes `.gitignore` files as DVC does: each output in the one beside it, as `/name`. Not for several threads at once.</summary>
public sealed class GitIgnoreFiles(Repository repository)
{
    private const string FileName = ".gitignore";

    // What a pattern would take for more than a name.
    private const string Special = "[]!*#?";

    /// <summary>Lets git ignore a file or folder; false if it does already.</summary>
    /// <param name="before">One that is to stand behind it; null for the end of the file.</param>
    public bool Add(string path, string? before = null)
    {
        // The files may have changed since the repository was opened: a command ran.
        if (repository.GitRoot is not { } root || IgnoreRules.OfGit(root).IsIgnored(path, Directory.Exists(path)))
        {
            return false;
        }

        var file = FileOf(path);
        var text = File.Exists(file) ? File.ReadAllText(file) : "";
        var entry = EntryOf(path);
        if (text.Split('\n').Contains(entry, StringComparer.Ordinal))
        {
            return false;
        }

        var lines = text.Split('\n').ToList();
        if (before is not null && lines.IndexOf(EntryOf(before)) is >= 0 and var at)
        {
            lines.Insert(at, entry);
            File.WriteAllText(file, string.Join('\n', lines));
            return true;
        }

        File.WriteAllText(file, text + (text.Length == 0 || text.EndsWith('\n') ? "" : "\n") + entry + "\n");
        return true;
    }

    /// <summary>Takes an entry out again; a file that held nothing else goes.</summary>
    public void Remove(string path)
    {
        var file = FileOf(path);
        if (repository.GitRoot is null || !File.Exists(file))
        {
            return;
        }

        var lines = File.ReadAllLines(file);
        var entry = EntryOf(path);
        var kept = lines.Where(l => l.Trim() != entry).ToList();
        if (kept.Count == 0)
        {
            File.Delete(file);
        }
        else if (kept.Count < lines.Length)
        {
            File.WriteAllText(file, string.Join('\n', kept) + "\n");
        }
    }

    private static string FileOf(string path) => Path.Combine(Path.GetDirectoryName(path)!, FileName);

    private static string EntryOf(string path) => "/" + string.Concat(Path.GetFileName(path).Select(c => Special.Contains(c, StringComparison.Ordinal) ? "\\" + c : c.ToString()));
}
