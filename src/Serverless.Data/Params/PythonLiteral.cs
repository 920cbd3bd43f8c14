using System.Globalization;
using System.Numerics;
using System.Text;
using Serverless.Data.Values;
using Serverless.Data.Yaml;

namespace Serverless.Data.Params;

/// <summary>Reads what Python's `ast.literal_eval` accepts: numbers, text, True, False, None, tuples, lists, dicts, sets.</summary>
internal sealed class PythonLiteral
{
    private const int DepthLimit = 100;

    private readonly string text;
    private readonly int line;
    private int at;
    private int depth;

    private PythonLiteral(string text, int line)
    {
        this.text = text;
        this.line = line;
    }

    public static bool TryParse(string text, int line, out DataNode value)
    {
        var reader = new PythonLiteral(text, line);
        value = DataScalar.Null(line);
        return reader.Value() is { } first && reader.Bare(first) is { } whole && (value = whole) is not null;
    }

    /// <summary>Returns the first position of a token outside brackets and quotes, or -1.</summary>
    public static int Find(string text, string token)
    {
        var open = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] is '\'' or '"')
            {
                i = EndOfText(text, i);
            }
            else if (text[i] is '(' or '[' or '{')
            {
                open++;
            }
            else if (text[i] is ')' or ']' or '}')
            {
                open--;
            }
            else if (open == 0 && string.CompareOrdinal(text, i, token, 0, token.Length) == 0)
            {
                return i;
            }
        }

        return -1;
    }

    // The closing quote of a string that starts here.
    private static int EndOfText(string text, int start)
    {
        var quote = QuoteAt(text, start);
        var i = start + quote.Length;
        while (i < text.Length && string.CompareOrdinal(text, i, quote, 0, quote.Length) != 0)
        {
            i += text[i] == '\\' ? 2 : 1;
        }

        return Math.Min(i + quote.Length, text.Length) - 1;
    }

    private static string QuoteAt(string text, int at)
    {
        var three = new string(text[at], 3);
        return string.CompareOrdinal(text, at, three, 0, 3) == 0 ? three : text[at].ToString();
    }

    // `x = 1, 2` is a tuple without parentheses.
    private DataNode? Bare(DataNode first)
    {
        Space();
        if (at == text.Length)
        {
            return first;
        }

        var items = new List<DataNode> { first };
        while (Take(','))
        {
            Space();
            if (at == text.Length)
            {
                break;
            }

            if (Value() is not { } item)
            {
                return null;
            }

            items.Add(item);
            Space();
        }

        return at == text.Length ? new DataList(items, line, DataKind.Tuple) : null;
    }

    private DataNode? Value()
    {
        Space();
        if (++depth > DepthLimit)
        {
            return null;
        }

        try
        {
            return Peek() switch
            {
                '(' => Parenthesized(),
                '[' => Items('[', ']') is { } items ? new DataList(items, line) : null,
                '{' => Braces(),
                '-' or '+' => Signed(),
                '\'' or '"' => Strings(""),
                >= '0' and <= '9' or '.' => Number(),
                _ => Word(),
            };
        }
        finally
        {
            depth--;
        }
    }

    private DataNode? Parenthesized()
    {
        var start = at;
        if (Items('(', ')') is not { } items)
        {
            return null;
        }

        var isGroup = items.Count == 1 && !text[start..(at - 1)].TrimEnd().EndsWith(',');
        return isGroup ? items[0] : new DataList(items, line, DataKind.Tuple);
    }

    private List<DataNode>? Items(char open, char close)
    {
        var items = new List<DataNode>();
        Take(open);
        Space();
        while (!Take(close))
        {
            if (items.Count > 0 && !Take(','))
            {
                return null;
            }

            Space();
            if (Take(close))
            {
                break;
            }

            if (Value() is not { } item)
            {
                return null;
            }

            items.Add(item);
            Space();
        }

        return items;
    }

    private DataNode? Braces()
    {
        Take('{');
        Space();
        var entries = new OrderedDictionary<string, DataEntry>(StringComparer.Ordinal);
        var isSet = false;
        while (!Take('}'))
        {
            if (entries.Count > 0)
            {
                if (!Take(','))
                {
                    return null;
                }

                Space();
                if (Take('}'))
                {
                    break;
                }
            }

            if (Value() is not DataScalar key)
            {
                return null;
            }

            Space();
            isSet = entries.Count == 0 ? Peek() != ':' : isSet;
            DataNode? value = key;
            if (!isSet && (!Take(':') || (value = Value()) is null))
            {
                return null;
            }

            entries[PythonText.Repr(key)] = new DataEntry(key, value);
            Space();
        }

        return isSet
            ? new DataList([.. entries.Values.Select(e => (DataNode)e.Key)], line, DataKind.Set)
            : new DataMap([.. entries.Values], line);
    }

    private DataScalar? Signed()
    {
        var negative = text[at++] == '-';
        Space();
        return char.IsAsciiDigit(Peek()) || Peek() == '.'
            ? Number()?.Value switch
            {
                BigInteger i => DataScalar.Int(negative ? -i : i, line),
                double d => DataScalar.Float(negative ? -d : d, line),
                _ => null,
            }
            : null;
    }

    private DataScalar? Number()
    {
        var start = at;
        while (
            char.IsAsciiLetterOrDigit(Peek())
            || Peek() is '_' or '.'
            || (Peek() is '+' or '-' && text[at - 1] is 'e' or 'E' && !text[start..at].StartsWith("0x", StringComparison.OrdinalIgnoreCase))
        )
        {
            at++;
        }

        var number = text[start..at].Replace("_", "", StringComparison.Ordinal).ToLowerInvariant();
        var isOldOctal = number.Length > 1 && number[0] == '0' && number.All(char.IsAsciiDigit) && number.Trim('0').Length > 0;
        return number.StartsWith("0x", StringComparison.Ordinal)
            || number.StartsWith("0o", StringComparison.Ordinal)
            || number.StartsWith("0b", StringComparison.Ordinal)
            || (number.All(char.IsAsciiDigit) && !isOldOctal)
                ? YamlScalars.Int(number, line)
            : !isOldOctal
            && !number.EndsWith('j')
            && double.TryParse(number, NumberStyles.Float, CultureInfo.InvariantCulture, out var real)
                ? DataScalar.Float(real, line)
            : null;
    }

    private DataNode? Word()
    {
        var start = at;
        while (char.IsLetterOrDigit(Peek()) || Peek() == '_')
        {
            at++;
        }

        var word = text[start..at];
        if (Peek() is '\'' or '"')
        {
            return word.ToLowerInvariant() is "r" or "u" or "b" or "br" or "rb" ? Strings(word.ToLowerInvariant()) : null;
        }

        switch (word)
        {
            case "True":
                return DataScalar.Bool(true, line);
            case "False":
                return DataScalar.Bool(false, line);
            case "None":
                return DataScalar.Null(line);
            case "set":
                Space();
                return Items('(', ')') is { Count: 0 } ? new DataList([], line, DataKind.Set) : null;
            default:
                return null;
        }
    }

    // Adjacent strings are one string.
    private DataScalar? Strings(string prefix)
    {
        var result = new StringBuilder();
        var isBytes = prefix.Contains('b', StringComparison.Ordinal);
        while (true)
        {
            var quote = QuoteAt(text, at);
            var end = EndOfText(text, at);
            var body = text[(at + quote.Length)..(end + 1 - quote.Length)];
            at = end + 1;
            if ((prefix.Contains('r', StringComparison.Ordinal) ? body : PythonEscapes.Resolve(body)) is not { } resolved)
            {
                return null;
            }

            result.Append(resolved);
            Space();
            var mark = at;
            while (char.IsAsciiLetter(Peek()))
            {
                at++;
            }

            prefix = text[mark..at].ToLowerInvariant();
            if (Peek() is not ('\'' or '"') || prefix is not ("" or "r" or "u" or "b" or "br" or "rb"))
            {
                at = mark;
                return isBytes
                    ? DataScalar.Bytes(Encoding.Latin1.GetBytes(result.ToString()), line)
                    : DataScalar.Text(result.ToString(), line);
            }
        }
    }

    private char Peek() => at < text.Length ? text[at] : '\0';

    private bool Take(char c)
    {
        if (Peek() != c || at >= text.Length)
        {
            return false;
        }

        at++;
        return true;
    }

    private void Space()
    {
        while (at < text.Length && char.IsWhiteSpace(text[at]))
        {
            at++;
        }
    }
}
