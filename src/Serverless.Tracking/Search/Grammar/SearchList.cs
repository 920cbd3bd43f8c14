using Serverless.Core;

namespace Serverless.Tracking.Search.Grammar;

/// <summary>Parses the list on the right side of IN: texts in single quotes.</summary>
internal static class SearchList
{
    /// <param name="parenthesis">The list as written.</param>
    /// <param name="isTuple">True if MLflow parses it like Python, which permits a trailing comma.</param>
    public static HashSet<string> Read(SearchItem parenthesis, bool isTuple)
    {
        var raw = parenthesis.Value;
        var inner = raw[1..^1];
        var tokens = SearchLexer.Read(inner);
        if (tokens.Count == 0)
        {
            throw Invalid("expected a non-empty list of string values, but got empty list");
        }

        var elements = Elements(inner, tokens);
        if (isTuple && elements.Count > 1 && elements[^1].Count == 0)
        {
            elements.RemoveAt(elements.Count - 1);
        }

        if (elements.Any(element => element.Count == 0) || (elements.Count == 1 && !IsText(elements[0])))
        {
            throw IllFormed();
        }

        if (elements.SelectMany(element => element).Any(token => token.Kind != ItemKind.Text))
        {
            throw Invalid($"expected string value, punctuation, or whitespace, but got different type in list: {raw}");
        }

        return elements.TrueForAll(IsText)
            ? elements.ConvertAll(element => inner[(element[0].Start + 1)..(element[0].End - 1)]).ToHashSet(StringComparer.Ordinal)
            : throw IllFormed();
    }

    private static List<List<SearchToken>> Elements(string text, List<SearchToken> tokens)
    {
        List<List<SearchToken>> elements =
        [
            [],
        ];
        foreach (var token in tokens)
        {
            if (token.Kind == ItemKind.Punctuation && text[token.Start] == ',')
            {
                elements.Add([]);
            }
            else
            {
                elements[^1].Add(token);
            }
        }

        return elements;
    }

    private static bool IsText(List<SearchToken> element) => element is [{ Kind: ItemKind.Text }];

    private static ServerlessException IllFormed() => Invalid("expected a non-empty list of string values, but got ill-formed list.");

    private static ServerlessException Invalid(string message) =>
        ServerlessException.Invalid("While parsing a list in the query, " + message);
}
