using System.Globalization;
using System.Numerics;
using System.Text;
using Serverless.Core;
using Serverless.Data.Values;

namespace Serverless.Data.Params;

/// <summary>Reads JSON as Python's `json.loads` does: integers of any size are exact, `NaN` and `Infinity` are numbers, and the last of
/// two equal keys wins. Keeps line numbers, which System.Text.Json does not.</summary>
internal sealed class JsonReader
{
    private const int DepthLimit = 100;

    private readonly string text;
    private readonly string file;
    private int at;
    private int countedTo;
    private int lines = 1;

    private JsonReader(string text, string file)
    {
        this.text = text;
        this.file = file;
    }

    public static DataNode Parse(string text, string file)
    {
        var reader = new JsonReader(text, file);
        reader.Space();
        if (reader.at == text.Length)
        {
            throw reader.Wrong("expected a value");
        }

        var value = reader.Value(0);
        reader.Space();
        return reader.at < text.Length ? throw reader.Wrong("expected the end of the file") : value;
    }

    private DataNode Value(int depth)
    {
        if (depth > DepthLimit)
        {
            throw Wrong($"values are nested more than {DepthLimit} deep");
        }

        Space();
        var line = Line();
        return Peek() switch
        {
            '{' => Object(depth, line),
            '[' => Array(depth, line),
            '"' => DataScalar.Text(Text(), line),
            _ => Word(line),
        };
    }

    private DataMap Object(int depth, int line)
    {
        var entries = new List<DataEntry>();
        at++;
        Space();
        while (Peek() != '}')
        {
            if (entries.Count > 0)
            {
                Expect(',');
                Space();
            }

            var keyLine = Line();
            if (Peek() != '"')
            {
                throw Wrong("expected a property name in double quotes");
            }

            var key = DataScalar.Text(Text(), keyLine);
            Space();
            Expect(':');
            var value = Value(depth + 1);
            entries.RemoveAll(e => e.Key.Matches(key));
            entries.Add(new DataEntry(key, value));
            Space();
        }

        at++;
        return new DataMap(entries, line);
    }

    private DataList Array(int depth, int line)
    {
        var items = new List<DataNode>();
        at++;
        Space();
        while (Peek() != ']')
        {
            if (items.Count > 0)
            {
                Expect(',');
            }

            items.Add(Value(depth + 1));
            Space();
        }

        at++;
        return new DataList(items, line);
    }

    private string Text()
    {
        var result = new StringBuilder();
        for (at++; Peek() != '"'; at++)
        {
            var c = Peek();
            if (c < ' ')
            {
                throw Wrong(c == '\0' && at >= text.Length ? "a string is not closed" : "a string contains a control character");
            }

            result.Append(c == '\\' ? Escape() : c);
        }

        at++;
        return result.ToString();
    }

    private char Escape()
    {
        at++;
        switch (Peek())
        {
            case 'n':
                return '\n';
            case 't':
                return '\t';
            case 'r':
                return '\r';
            case 'b':
                return '\b';
            case 'f':
                return '\f';
            case '"' or '\\' or '/':
                return Peek();
            case 'u'
                when at + 4 < text.Length
                    && ushort.TryParse(text.AsSpan(at + 1, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var unit):
                at += 4;
                return (char)unit;
            default:
                throw Wrong($"invalid escape '\\{Peek()}'");
        }
    }

    private DataScalar Word(int line)
    {
        var start = at;
        while (at < text.Length && (char.IsAsciiLetterOrDigit(text[at]) || text[at] is '-' or '+' or '.'))
        {
            at++;
        }

        var word = text[start..at];
        switch (word)
        {
            case "null":
                return DataScalar.Null(line);
            case "true":
                return DataScalar.Bool(true, line);
            case "false":
                return DataScalar.Bool(false, line);
            case "NaN":
                return DataScalar.Float(double.NaN, line);
            case "Infinity":
                return DataScalar.Float(double.PositiveInfinity, line);
            case "-Infinity":
                return DataScalar.Float(double.NegativeInfinity, line);
        }

        var digits = word.TrimStart('-');
        var isNumber =
            digits.Length > 0
            && char.IsAsciiDigit(digits[0])
            && word.Length - digits.Length <= 1
            && !(digits.Length > 1 && digits[0] == '0' && char.IsAsciiDigit(digits[1]));
        if (isNumber && digits.Length <= 4300 && digits.All(char.IsAsciiDigit))
        {
            return DataScalar.Int(BigInteger.Parse(word, CultureInfo.InvariantCulture), line);
        }

        if (isNumber && !word.EndsWith('.') && double.TryParse(word, NumberStyles.Float, CultureInfo.InvariantCulture, out var number))
        {
            return DataScalar.Float(number, line);
        }

        at = start;
        throw Wrong(word.Length == 0 ? "expected a value" : $"expected a value, not '{word}'");
    }

    private char Peek() => at < text.Length ? text[at] : '\0';

    private void Space()
    {
        while (Peek() is ' ' or '\t' or '\n' or '\r')
        {
            at++;
        }
    }

    private void Expect(char c)
    {
        if (Peek() != c)
        {
            throw Wrong($"expected '{c}'");
        }

        at++;
    }

    private int Line()
    {
        if (at > countedTo)
        {
            var end = Math.Min(at, text.Length);
            lines += text.AsSpan(countedTo, end - countedTo).Count('\n');
            countedTo = end;
        }

        return lines;
    }

    private ServerlessException Wrong(string what) =>
        ServerlessException.Invalid(
            $"unable to read: '{file}', JSON file structure is corrupted: {what}, line {Line()}",
            [
                new Diagnostic(
                    file,
                    Line(),
                    $"JSON file structure is corrupted: {what}",
                    "JSON requires double quotes and no comma after the last value."
                ),
            ]
        );
}
