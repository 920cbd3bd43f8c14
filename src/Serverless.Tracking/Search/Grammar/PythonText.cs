using System.Globalization;
using System.Text;

namespace Serverless.Tracking.Search.Grammar;

/// <summary>
/// Formats values as Python prints them, because MLflow's error messages quote them this way and clients compare the messages.
/// </summary>
internal static class PythonText
{
    public static string Repr(string value)
    {
        var quote = value.Contains('\'') && !value.Contains('"') ? '"' : '\'';
        var text = new StringBuilder(value.Length + 2).Append(quote);
        foreach (var c in value)
        {
            _ = c == quote || c == '\\' ? text.Append('\\').Append(c) : Append(text, c);
        }

        return text.Append(quote).ToString();
    }

    public static string List(IEnumerable<string> values) => $"[{string.Join(", ", values.Select(Repr))}]";

    /// <summary>Formats a set in the order of the source. Python's order is random.</summary>
    public static string Set(IEnumerable<string> values) => $"{{{string.Join(", ", values.Select(Repr))}}}";

    public static string Bytes(ReadOnlySpan<byte> value)
    {
        var quote = value.Contains((byte)'\'') && !value.Contains((byte)'"') ? '"' : '\'';
        var text = new StringBuilder("b").Append(quote);
        foreach (var b in value)
        {
            var c = (char)b;
            _ =
                c == quote || c == '\\' ? text.Append('\\').Append(c)
                : b > 126 ? Hex(text, c)
                : Append(text, c);
        }

        return text.Append(quote).ToString();
    }

    private static StringBuilder Append(StringBuilder text, char c) =>
        c switch
        {
            '\n' => text.Append("\\n"),
            '\r' => text.Append("\\r"),
            '\t' => text.Append("\\t"),
            < ' ' or '\u007f' => Hex(text, c),
            _ => text.Append(c),
        };

    private static StringBuilder Hex(StringBuilder text, char c) => text.Append(CultureInfo.InvariantCulture, $"\\x{(int)c:x2}");
}
