using System.Text.RegularExpressions;
using Serverless.Data.Values;

namespace Serverless.Dvc.Reading.Templating;

/// <summary>An expression `${a.b[0].c}` in a text: its location and its parsed form.</summary>
internal static partial class Expression
{
    public static IReadOnlyList<Match> In(string text) => [.. Pattern().Matches(text).Cast<Match>()];

    /// <summary>Gets a value that indicates whether the whole text is one expression, whose value keeps its type.</summary>
    public static bool IsExact(string text, IReadOnlyList<Match> matches) => matches.Count == 1 && matches[0].Length == text.Length;

    public static string Inner(Match match) => match.Groups["inner"].Value;

    /// <summary>Returns true for a value with an expression anywhere in it, including keys.</summary>
    public static bool IsIn(DataNode node) =>
        node switch
        {
            DataMap map => map.Entries.Any(e => IsIn(e.Key) || IsIn(e.Value)),
            DataList list => list.Items.Any(IsIn),
            _ => node.AsText is { } text && Pattern().IsMatch(text),
        };

    /// <summary>Parses `word ('.' word | '[' word ']')*` into words joined by dots. A word is anything except dots and brackets.</summary>
    public static string Parse(string inner)
    {
        var words = new List<string>();
        var at = 0;
        if (Word(inner, ref at) is not { } first)
        {
            throw Wrong(inner, 0, "Expected !W:(.[])");
        }

        words.Add(first);
        while (true)
        {
            var next = Space(inner, at);
            var start = next + 1;
            if (next >= inner.Length || inner[next] is not ('.' or '[') || Word(inner, ref start) is not { } word)
            {
                break;
            }

            if (inner[next] == '[')
            {
                start = Space(inner, start);
                if (start >= inner.Length || inner[start] != ']')
                {
                    break;
                }

                start++;
            }

            words.Add(word);
            at = start;
        }

        at = Space(inner, at);
        return at < inner.Length ? throw Wrong(inner, at, "Expected end of text") : string.Join('.', words);
    }

    private static string? Word(string text, ref int at)
    {
        var start = at;
        while (at < text.Length && text[at] is not ('.' or '[' or ']'))
        {
            at++;
        }

        return at > start ? text[start..at] : null;
    }

    private static int Space(string text, int at)
    {
        while (at < text.Length && text[at] is ' ' or '\t' or '\r' or '\n')
        {
            at++;
        }

        return at;
    }

    private static TemplateException Wrong(string inner, int at, string expected)
    {
        var whole = "${" + inner + "}";
        at += 2;
        var found = FoundPattern().Match(whole, at).Value;
        return new TemplateException(
            TemplateFault.Syntax,
            $"{whole}\n{new string(' ', at)}^\nParseException: {expected}, found {PythonText.Repr(DataScalar.Text(found))}  (at char "
                + $"{at}), (line:1, col:{at + 1})",
            fix: "Write ${name}, ${a.b} or ${list[0]}; for a literal dollar sign, write \\${."
        );
    }

    [GeneratedRegex(@"(?<!\\)\$\{(?<inner>.*?)\}", RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();

    [GeneratedRegex(@"\G(?:[A-Za-z0-9]{1,16}|.)", RegexOptions.CultureInvariant)]
    private static partial Regex FoundPattern();
}
