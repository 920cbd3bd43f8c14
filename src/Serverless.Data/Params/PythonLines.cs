using System.Text;
using Serverless.Core;

namespace Serverless.Data.Params;

/// <summary>A logical line of Python: joined over brackets, triple quotes and trailing backslashes, without comments.</summary>
internal sealed record PythonLine(int Indent, string Text, int Line);

/// <summary>Splits Python source into logical lines.</summary>
internal sealed class PythonLines(string text, string file)
{
    private readonly StringBuilder current = new();
    private readonly Stack<(char Bracket, int Line)> open = new();
    private int at;
    private int line = 1;

    public List<PythonLine> Read()
    {
        var result = new List<PythonLine>();
        while (at < text.Length)
        {
            var indent = Indent();
            var start = line;
            Logical();
            var joined = current.ToString().Trim();
            current.Clear();
            if (joined.Length > 0)
            {
                result.Add(new PythonLine(indent, joined, start));
            }
        }

        return result;
    }

    private int Indent()
    {
        var indent = 0;
        for (; at < text.Length && text[at] is ' ' or '\t' or '\f'; at++)
        {
            indent = text[at] switch
            {
                ' ' => indent + 1,
                '\t' => ((indent / 8) + 1) * 8,
                _ => 0,
            };
        }

        return indent;
    }

    private void Logical()
    {
        while (at < text.Length)
        {
            var c = text[at];
            switch (c)
            {
                case '\n':
                    at++;
                    line++;
                    if (open.Count == 0)
                    {
                        return;
                    }

                    current.Append(' ');
                    break;
                case '#':
                    while (at < text.Length && text[at] != '\n')
                    {
                        at++;
                    }

                    break;
                case '\\' when Rest("\\\n") || Rest("\\\r\n"):
                    at += Rest("\\\n") ? 2 : 3;
                    line++;
                    current.Append(' ');
                    break;
                case '\'' or '"':
                    Quoted(c);
                    break;
                default:
                    Bracket(c);
                    current.Append(c == '\r' ? ' ' : c);
                    at++;
                    break;
            }
        }

        if (open.TryPeek(out var unclosed))
        {
            throw Wrong(unclosed.Line, $"'{unclosed.Bracket}' was never closed");
        }
    }

    private void Bracket(char c)
    {
        if (c is '(' or '[' or '{')
        {
            open.Push((c, line));
        }
        else if (c is ')' or ']' or '}')
        {
            var closes = c switch
            {
                ')' => '(',
                ']' => '[',
                _ => '{',
            };
            if (!open.TryPop(out var opened) || opened.Bracket != closes)
            {
                throw Wrong(line, $"unmatched '{c}'");
            }
        }
    }

    private void Quoted(char quote)
    {
        var start = line;
        var end = Rest(new string(quote, 3)) ? new string(quote, 3) : quote.ToString();
        Take(end.Length);
        while (!Rest(end))
        {
            if (at >= text.Length || (end.Length == 1 && text[at] == '\n'))
            {
                throw Wrong(start, "unterminated string literal");
            }

            Take(text[at] == '\\' && at + 1 < text.Length ? 2 : 1);
        }

        Take(end.Length);
    }

    private void Take(int count)
    {
        for (; count > 0; count--, at++)
        {
            line += text[at] == '\n' ? 1 : 0;
            current.Append(text[at]);
        }
    }

    private bool Rest(string start) => string.CompareOrdinal(text, at, start, 0, start.Length) == 0;

    private ServerlessException Wrong(int where, string what) =>
        ServerlessException.Invalid(
            $"unable to read: '{file}', Python file structure is corrupted: {what}, line {where}",
            [new Diagnostic(file, where, $"Python file structure is corrupted: {what}")]
        );
}
