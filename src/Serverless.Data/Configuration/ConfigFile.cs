using Serverless.Core;
using Serverless.Data.Files;
using Serverless.Data.Params;

namespace Serverless.Data.Configuration;

/// <summary>
/// A DVC configuration file in the dialect of Python's ConfigObj. Edits keep comments, order and unknown sections. A section is identified
/// as `core` or `remote:name` (in the file `['remote "name"']`); keys are in lower case.
/// </summary>
public sealed class ConfigFile
{
    private readonly List<string> lines;

    private ConfigFile(string path, List<string> lines)
    {
        Path = path;
        this.lines = lines;
    }

    public string Path { get; }

    public static ConfigFile Load(string path) =>
        new(path, File.Exists(path) ? [.. TextFile.Read(path, path).ReplaceLineEndings("\n").TrimEnd('\n').Split('\n')] : []);

    /// <summary>Gets every option as section, key and value.</summary>
    public IEnumerable<(string Section, string Key, string Value)> Options()
    {
        var section = "";
        for (var i = 0; i < lines.Count; i++)
        {
            var line = lines[i].Trim();
            if (line.Length == 0 || line[0] == '#')
            {
                continue;
            }

            if (line[0] == '[')
            {
                section = SectionOf(line) ?? throw Wrong(i, "Invalid line", "Write a section as `[name]` or `['remote \"name\"']`.");
                continue;
            }

            var (key, value) = OptionOf(line) ?? throw Wrong(i, "Invalid line", "Write an option as `name = value`.");
            yield return section.Length > 0
                ? (section, key, value)
                : throw Wrong(i, "an option outside of any section", "Put `[core]` or another section above it.");
        }
    }

    public bool HasSection(string section) => lines.Exists(l => SectionOf(l.Trim()) == section);

    public void Set(string section, string key, string value)
    {
        var written = $"    {key} = {Quote(value)}";
        var (from, end) = Range(section);
        if (from < 0)
        {
            lines.RemoveAll(l => lines.Count == 1 && l.Length == 0);
            lines.Add(HeaderOf(section));
            lines.Add(written);
            return;
        }

        var at = lines.FindIndex(from + 1, end - from - 1, l => OptionOf(l.Trim())?.Key == key);
        if (at >= 0)
        {
            lines[at] = written;
            return;
        }

        // After the last option, before blank lines and comments that belong to what follows.
        while (end > from + 1 && (lines[end - 1].Trim() is "" || lines[end - 1].StartsWith('#')))
        {
            end--;
        }

        lines.Insert(end, written);
    }

    /// <summary>Removes an option. Returns false if there was none. A section that becomes empty is removed too, as in DVC.</summary>
    public bool Remove(string section, string key)
    {
        var (from, end) = Range(section);
        var at = from < 0 ? -1 : lines.FindIndex(from + 1, end - from - 1, l => OptionOf(l.Trim())?.Key == key);
        if (at < 0)
        {
            return false;
        }

        lines.RemoveAt(at);
        if (lines.GetRange(from + 1, end - from - 2).TrueForAll(l => l.Trim().Length == 0))
        {
            RemoveSection(section);
        }

        return true;
    }

    public bool RemoveSection(string section)
    {
        var (from, end) = Range(section);
        if (from < 0)
        {
            return false;
        }

        lines.RemoveRange(from, end - from);
        return true;
    }

    public void Save()
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(Path)!);
        TemporaryFiles.WriteText(Path, lines.Count == 0 ? "" : string.Join('\n', lines) + "\n");
    }

    private (int From, int End) Range(string section)
    {
        var from = lines.FindIndex(l => SectionOf(l.Trim()) == section);
        var end = from < 0 ? -1 : lines.FindIndex(from + 1, l => l.TrimStart().StartsWith('['));
        return (from, from >= 0 && end < 0 ? lines.Count : end);
    }

    private static string? SectionOf(string line)
    {
        if (line.Length < 2 || line[0] != '[' || line.LastIndexOf(']') is not (> 0 and var close))
        {
            return null;
        }

        var name = line[1..close].Trim();
        if (name is ['\'', .., '\''] || (name is ['"', .., '"'] && name.Length > 1))
        {
            name = name[1..^1];
        }

        var open = name.IndexOf('"', StringComparison.Ordinal);
        return open > 0 && name[^1] == '"' && open < name.Length - 1
            ? $"{name[..open].Trim().ToLowerInvariant()}:{name[(open + 1)..^1].ToLowerInvariant()}"
            : name.ToLowerInvariant();
    }

    private static string HeaderOf(string section) =>
        section.Split(':', 2) is [var kind, var name] ? $"['{kind} \"{name}\"']" : $"[{section}]";

    private static (string Key, string Value)? OptionOf(string line)
    {
        var equals = line.IndexOf('=', StringComparison.Ordinal);
        if (equals <= 0 || line[0] is '[' or '#')
        {
            return null;
        }

        var value = line[(equals + 1)..].Trim();
        if (value.Length > 1 && value[0] is '"' or '\'' && value.IndexOf(value[0], 1) is > 0 and var close)
        {
            value = value[1..close];
        }
        else if (value.IndexOf('#', StringComparison.Ordinal) is >= 0 and var comment)
        {
            value = value[..comment].TrimEnd();
        }

        return (line[..equals].Trim().Trim('"', '\'').ToLowerInvariant(), value);
    }

    // Without quotes, ConfigObj reads a comma as a list and a hash as a comment.
    private static string Quote(string value) =>
        value.Length > 0 && value.Trim() == value && value.AsSpan().IndexOfAny(",#'\"") < 0 ? value
        : !value.Contains('"', StringComparison.Ordinal) ? $"\"{value}\""
        : !value.Contains('\'', StringComparison.Ordinal) ? $"'{value}'"
        : throw ServerlessException.Invalid("A configuration value cannot contain both kinds of quotes.", "Remove one kind of quote.");

    private ServerlessException Wrong(int line, string what, string fix) =>
        ServerlessException.Invalid(
            $"config file error: {what} ('{lines[line].Trim()}') at line {line + 1} of '{Path}'",
            [new Diagnostic(Path, line + 1, what, fix)]
        );
}
