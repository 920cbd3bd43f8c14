namespace Serverless.Pipelines.Model;

/// <summary>Parses names in a condition.</summary>
public static class ConditionName
{
    /// <summary>
    /// Reads a name with dots. The part after '@' is a loop's item and may contain nearly anything: `train@data/x+y` is read,
    /// `train@lr=0.1` is not.
    /// </summary>
    public static string Read(string text, ref int at)
    {
        var start = at;
        var isLoop = false;
        for (; at < text.Length; at++)
        {
            var c = text[at];
            if (c == '@' && at > start)
            {
                isLoop = true;
            }
            else if (
                !(
                    char.IsLetterOrDigit(c)
                    || c == '_'
                    || (at > start && c is '-' or '.')
                    || (isLoop && c is '/' or '+' or ':' or '%' or '~' or '#')
                )
            )
            {
                break;
            }
        }

        return text[start..at];
    }

    /// <summary>Splits `task.output`. Returns null for anything else.</summary>
    public static (string Task, string Output)? Split(string name, IReadOnlyCollection<string> tasks)
    {
        var task = tasks
            .Where(t => name.Length > t.Length + 1 && name[t.Length] == '.' && name.StartsWith(t, StringComparison.Ordinal))
            .MaxBy(t => t.Length);
        if (task is not null)
        {
            return (task, name[(task.Length + 1)..]);
        }

        var point = name.Contains('@', StringComparison.Ordinal) ? name.LastIndexOf('.') : name.IndexOf('.', StringComparison.Ordinal);
        return point > 0 && point < name.Length - 1 ? (name[..point], name[(point + 1)..]) : null;
    }
}
