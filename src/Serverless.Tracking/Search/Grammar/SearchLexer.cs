using System.Collections.Frozen;

namespace Serverless.Tracking.Search.Grammar;

/// <summary>
/// Words of a filter. They follow sqlparse, with which MLflow reads filters: what it takes for a keyword, a number or a broken quote
/// decides which error the user sees. More lenient in three: a name may begin with any letter, a word after a dot
/// is a name whatever it is (<c>metrics.1</c>, <c>tags.from</c>), and an exponent may carry a plus.
/// </summary>
internal sealed class SearchLexer
{
    private static readonly FrozenSet<string> Keywords = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase,
        "AND",
        "OR",
        "NOT",
        "IN",
        "IS",
        "NULL",
        "TRUE",
        "FALSE",
        "BETWEEN",
        "EXISTS",
        "CASE",
        "FROM",
        "WHERE",
        "SELECT",
        "AS",
        "USING",
        "VALUES",
        "LIMIT",
        "HAVING",
        "UNION"
    );

    private static readonly FrozenSet<string> WordComparators = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase,
        "LIKE",
        "ILIKE",
        "RLIKE"
    );

    private readonly string _text;
    private readonly List<SearchToken> _tokens = [];
    private int _position;

    private SearchLexer(string text) => _text = text;

    public static List<SearchToken> Read(string text)
    {
        var lexer = new SearchLexer(text);
        while (lexer._position < text.Length)
        {
            lexer.Next();
        }

        return lexer._tokens;
    }

    private void Next()
    {
        var c = _text[_position];
        if (char.IsWhiteSpace(c))
        {
            _position++;
        }
        else if (c is '\'' or '"' or '`')
        {
            Quoted(c);
        }
        else if (NumberEnd() is var end && end > 0)
        {
            Add(ItemKind.Number, end);
        }
        else if (IsWord(c))
        {
            Word();
        }
        else if (c is ';' or ':' or '(' or ')' or '[' or ']' or ',' or '.')
        {
            Add(ItemKind.Punctuation, _position + 1);
        }
        else if (IsComparator(c))
        {
            Add(ItemKind.Comparator, RunEnd(_position, IsComparator));
        }
        else if (c is '+' or '-' or '*' or '/' or '@' or '#' or '%' or '^' or '&' or '|')
        {
            Add(ItemKind.Operator, _position + 1);
        }
        else
        {
            Add(ItemKind.Other, _position + (char.IsSurrogatePair(_text, _position) ? 2 : 1));
        }
    }

    private void Quoted(char quote)
    {
        var end = QuotedText.End(_text, _position);
        var kind = quote switch
        {
            '\'' => ItemKind.Text,
            '"' => ItemKind.Symbol,
            _ => ItemKind.Name,
        };
        Add(end < 0 ? ItemKind.Other : kind, end < 0 ? _position + 1 : end);
    }

    private void Word()
    {
        var end = WordEnd(_position);
        if (AfterPeriod() || BeforePeriod(end))
        {
            Add(ItemKind.Name, end);
            return;
        }

        var word = _text[_position..end];
        if (word.Equals("NOT", StringComparison.OrdinalIgnoreCase) && ComparatorAfter(end) is var comparatorEnd && comparatorEnd > 0)
        {
            Add(ItemKind.Comparator, comparatorEnd);
            return;
        }

        // A word directly before a parenthesis is a function, except IN.
        var isFunction = end < _text.Length && _text[end] == '(' && !word.Equals("IN", StringComparison.OrdinalIgnoreCase);
        Add(isFunction ? ItemKind.Name : Kind(word), end);
    }

    private static ItemKind Kind(string word) =>
        Keywords.Contains(word) ? ItemKind.Keyword
        : WordComparators.Contains(word) ? ItemKind.Comparator
        : word.Equals("ASC", StringComparison.OrdinalIgnoreCase) || word.Equals("DESC", StringComparison.OrdinalIgnoreCase) ? ItemKind.Order
        : word.Equals("timestamp", StringComparison.OrdinalIgnoreCase) ? ItemKind.Timestamp
        : ItemKind.Name;

    private int ComparatorAfter(int position)
    {
        var start = RunEnd(position, char.IsWhiteSpace);
        var end = start > position ? WordEnd(start) : start;
        return WordComparators.Contains(_text[start..end]) ? end : -1;
    }

    private int NumberEnd()
    {
        var position = _position;
        var afterName =
            position > 0
            && _tokens.Count > 0
            && _tokens[^1].End == position
            && _tokens[^1].Kind is ItemKind.Name or ItemKind.Symbol or ItemKind.Keyword;
        if (AfterPeriod() || (_text[position] == '.' && afterName))
        {
            return -1;
        }

        var start = position + (_text[position] == '-' ? 1 : 0);
        var end = RunEnd(start, char.IsAsciiDigit);
        var digits = end - start;
        if (end < _text.Length && _text[end] == '.')
        {
            var fraction = RunEnd(end + 1, char.IsAsciiDigit);
            digits += fraction - end - 1;
            end = fraction;
        }

        if (digits == 0)
        {
            return -1;
        }

        if (end < _text.Length && _text[end] is 'e' or 'E')
        {
            var exponent = end + 1 + (end + 1 < _text.Length && _text[end + 1] is '+' or '-' ? 1 : 0);
            var exponentEnd = RunEnd(exponent, char.IsAsciiDigit);
            end = exponentEnd > exponent ? exponentEnd : end;
        }

        // "3d" is a word.
        return end < _text.Length && (char.IsLetter(_text[end]) || _text[end] == '_') ? -1 : end;
    }

    private bool AfterPeriod() => _position > 0 && _text[_position - 1] == '.' && _tokens[^1].Kind == ItemKind.Punctuation;

    private bool BeforePeriod(int end)
    {
        // In "x IN .5" the period belongs to the number.
        var next = RunEnd(end, char.IsWhiteSpace);
        var isFraction = next > end && next + 1 < _text.Length && char.IsAsciiDigit(_text[next + 1]);
        return next < _text.Length && _text[next] == '.' && !isFraction;
    }

    private int WordEnd(int start) => RunEnd(start, static c => IsWord(c) || c is '$' or '#');

    private int RunEnd(int start, Func<char, bool> belongs)
    {
        while (start < _text.Length && belongs(_text[start]))
        {
            start++;
        }

        return start;
    }

    private static bool IsWord(char c) => char.IsLetterOrDigit(c) || c == '_';

    private static bool IsComparator(char c) => c is '<' or '>' or '=' or '~' or '!';

    private void Add(ItemKind kind, int end)
    {
        _tokens.Add(new SearchToken(kind, _position, end));
        _position = end;
    }
}
