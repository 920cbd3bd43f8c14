using System.Globalization;
using System.Numerics;
using System.Text;
using Serverless.Data.Values;

namespace Serverless.Data.Yaml;

/// <summary>Formats a single value as text, chosen and folded by the rules of PyYAML's and ruamel.yaml's emitter.</summary>
internal static class YamlText
{
    private const int Width = 80;

    /// <param name="column">The column where the text starts, from which folding counts.</param>
    /// <param name="indent">The column where a folded line continues.</param>
    public static string Of(DataScalar scalar, int column, int indent, string newLine, bool isKey = false) =>
        scalar.Value switch
        {
            null => "",
            bool b => b ? "true" : "false",
            BigInteger i => i.ToString(CultureInfo.InvariantCulture),
            double d => double.IsNaN(d) ? ".nan"
            : double.IsInfinity(d) ? (d > 0 ? ".inf" : "-.inf")
            : PythonText.Float(d),
            DateOnly d => d.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
            DateTime t => t.ToString(
                t.Ticks % TimeSpan.TicksPerSecond == 0 ? "yyyy-MM-dd HH:mm:ss" : "yyyy-MM-dd HH:mm:ss.ffffff",
                CultureInfo.InvariantCulture
            ),
            DateTimeOffset t => t.ToString("yyyy-MM-dd HH:mm:ss.FFFFFFzzz", CultureInfo.InvariantCulture),
            byte[] bytes => "!!binary " + Convert.ToBase64String(bytes),
            string s => Text(s, column, indent, newLine, isKey),
            var other => Text(Convert.ToString(other, CultureInfo.InvariantCulture)!, column, indent, newLine, isKey),
        };

    private static string Text(string s, int column, int indent, string newLine, bool isKey)
    {
        var form = YamlTextForm.Of(s);
        var fold = isKey ? null : newLine + new string(' ', indent);
        if (form.Plain && YamlScalars.Plain(s, 0).Kind == DataKind.Text && s is not ("<<" or "="))
        {
            return fold is null ? s : Fold(s, column, fold, indent);
        }

        return form.SingleQuoted && !s.Contains('\'', StringComparison.Ordinal) && !s.Contains('\n', StringComparison.Ordinal)
            ? "'" + (fold is null ? s : Fold(s, column + 1, fold, indent)) + "'"
            : DoubleQuoted(s, column, fold, indent);
    }

    // A line is broken at the first single space after the width; a run of spaces would not survive it.
    private static string Fold(string s, int column, string fold, int indent)
    {
        if (column + s.Length <= Width)
        {
            return s;
        }

        var to = new StringBuilder();
        for (var at = 0; at < s.Length; )
        {
            var space = s.IndexOf(' ', at);
            var end = space < 0 ? s.Length : space;
            if (end - at > Width && column > indent && at > 0 && to[^1] == ' ')
            {
                // A word longer than a line gets its own line; the break represents the space before it.
                to.Length--;
                to.Append(fold);
                column = indent;
            }

            to.Append(s, at, end - at);
            column += end - at;
            var next = end;
            while (next < s.Length && s[next] == ' ')
            {
                next++;
            }

            if (next - end == 1 && next < s.Length && end > 0 && column > Width)
            {
                to.Append(fold);
                column = indent;
            }
            else
            {
                to.Append(' ', next - end);
                column += next - end;
            }

            at = next;
        }

        return to.ToString();
    }

    private static string DoubleQuoted(string s, int column, string? fold, int indent)
    {
        var to = new StringBuilder("\"");
        column++;
        for (var i = 0; i < s.Length; i++)
        {
            var before = to.Length;
            if (char.IsHighSurrogate(s[i]) && i + 1 < s.Length && char.IsLowSurrogate(s[i + 1]))
            {
                to.Append(s[i]).Append(s[++i]);
            }
            else
            {
                Escaped(to, s[i]);
            }

            column += to.Length - before;
            if (fold is not null && column > Width && i + 2 < s.Length && (s[i + 1] == ' ' || s[i] == '\n'))
            {
                // A backslash ends the line and preserves the space that follows.
                to.Append('\\').Append(fold);
                column = indent;
                if (s[i + 1] == ' ')
                {
                    to.Append('\\');
                    column++;
                }
            }
        }

        return to.Append('"').ToString();
    }

    private static void Escaped(StringBuilder to, char c)
    {
        switch (c)
        {
            case '\0':
                to.Append("\\0");
                break;
            case '\a':
                to.Append("\\a");
                break;
            case '\b':
                to.Append("\\b");
                break;
            case '\t':
                to.Append("\\t");
                break;
            case '\n':
                to.Append("\\n");
                break;
            case '\v':
                to.Append("\\v");
                break;
            case '\f':
                to.Append("\\f");
                break;
            case '\r':
                to.Append("\\r");
                break;
            case '\x1b':
                to.Append("\\e");
                break;
            case '"':
                to.Append("\\\"");
                break;
            case '\\':
                to.Append("\\\\");
                break;
            case '\x85':
                to.Append("\\N");
                break;
            case '\u2028':
                to.Append("\\L");
                break;
            case '\u2029':
                to.Append("\\P");
                break;
            case (>= ' ' and <= '~') or (>= '\xa0' and <= '\ud7ff') or (>= '\ue000' and < '\ufeff') or (> '\ufeff' and <= '\ufffd'):
                to.Append(c);
                break;
            case <= '\xff':
                to.Append("\\x").Append(((int)c).ToString("X2", CultureInfo.InvariantCulture));
                break;
            default:
                to.Append("\\u").Append(((int)c).ToString("X4", CultureInfo.InvariantCulture));
                break;
        }
    }
}
