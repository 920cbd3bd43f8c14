using Serverless.Data.Values;

namespace Serverless.Data.Params;

/// <summary>
/// Reads the parameters of a Python file by DVC's rules: literals assigned at the top level, in classes (`Class.name`), and to `self.name`
/// in `__init__`. Skips everything that would have to be executed.
/// </summary>
internal static class PythonReader
{
    public static DataNode Parse(string text, string file)
    {
        var lines = new PythonLines(text, file).Read();
        var found = new OrderedDictionary<string, DataEntry>(StringComparer.Ordinal);
        Block(lines, 0, lines.Count, onlySelf: false, found);
        return new DataMap([.. found.Values]);
    }

    private static void Block(List<PythonLine> lines, int from, int to, bool onlySelf, OrderedDictionary<string, DataEntry> found)
    {
        for (var i = from; i < to; )
        {
            var line = lines[i];
            var end = i + 1;
            while (end < to && lines[end].Indent > line.Indent)
            {
                end++;
            }

            if (NameAfter(line.Text, "class") is { } type)
            {
                var inner = new OrderedDictionary<string, DataEntry>(StringComparer.Ordinal);
                Body(lines, i, end, onlySelf: false, inner);
                Set(found, type, new DataMap([.. inner.Values], line.Line), line.Line);
            }
            else if (NameAfter(line.Text, "def") == "__init__")
            {
                Body(lines, i, end, onlySelf: true, found);
            }
            else if (end == i + 1)
            {
                Statements(line.Text, line.Line, onlySelf, found);
            }

            i = end;
        }
    }

    // `class A: x = 1` has its body on the same line; otherwise the body is what is indented further.
    private static void Body(List<PythonLine> lines, int header, int end, bool onlySelf, OrderedDictionary<string, DataEntry> found)
    {
        var text = lines[header].Text;
        var colon = PythonLiteral.Find(text, ":");
        if (colon >= 0 && text[(colon + 1)..].Trim() is { Length: > 0 } inline)
        {
            Statements(inline, lines[header].Line, onlySelf, found);
        }
        else
        {
            Block(lines, header + 1, end, onlySelf, found);
        }
    }

    private static void Statements(string text, int line, bool onlySelf, OrderedDictionary<string, DataEntry> found)
    {
        for (var rest = text; rest.Length > 0; )
        {
            var end = PythonLiteral.Find(rest, ";");
            Assignment(end < 0 ? rest : rest[..end], line, onlySelf, found);
            rest = end < 0 ? "" : rest[(end + 1)..];
        }
    }

    private static void Assignment(string text, int line, bool onlySelf, OrderedDictionary<string, DataEntry> found)
    {
        var equals = PythonLiteral.Find(text, "=");
        if (equals <= 0 || (equals + 1 < text.Length && text[equals + 1] == '=') || text[equals - 1] is '!' or '<' or '>')
        {
            return;
        }

        var target = text[..equals];
        var colon = PythonLiteral.Find(target, ":");
        target = (colon < 0 ? target : target[..colon]).Trim();
        var dot = target.IndexOf('.', StringComparison.Ordinal);
        var isSelf = dot > 0 && target[..dot].Trim() == "self";
        var name = isSelf ? target[(dot + 1)..].Trim() : target;
        if (IsName(name) && (isSelf || !onlySelf) && PythonLiteral.TryParse(text[(equals + 1)..], line, out var value))
        {
            Set(found, name, value, line);
        }
    }

    private static void Set(OrderedDictionary<string, DataEntry> found, string name, DataNode value, int line) =>
        found[name] = new DataEntry(DataScalar.Text(name, line), value);

    private static string? NameAfter(string text, string keyword)
    {
        if (
            !text.StartsWith(keyword, StringComparison.Ordinal)
            || text.Length == keyword.Length
            || !char.IsWhiteSpace(text[keyword.Length])
        )
        {
            return null;
        }

        var name = string.Concat(text[keyword.Length..].TrimStart().TakeWhile(c => char.IsLetterOrDigit(c) || c == '_'));
        return name.Length > 0 ? name : null;
    }

    private static bool IsName(string name) =>
        name.Length > 0 && !char.IsAsciiDigit(name[0]) && name.All(c => char.IsLetterOrDigit(c) || c == '_');
}
