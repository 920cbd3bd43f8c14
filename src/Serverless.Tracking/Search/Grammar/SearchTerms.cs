using Serverless.Core;

namespace Serverless.Tracking.Search.Grammar;

/// <summary>Parses an element of <c>order_by</c>: a key and a direction.</summary>
internal static class SearchTerms
{
    public static SearchTerm Read(string text, SearchRules rules)
    {
        var (name, direction) = Split(text);
        var key = rules.Target switch
        {
            SearchTarget.RegisteredModels => RegisteredModelKey(name, rules),
            _ => SearchKeys.Read(name, rules, rules.Orderable),
        };
        if (key.Field == SearchField.Dataset)
        {
            throw ServerlessException.Invalid("Invalid identifier type 'dataset'");
        }

        if (rules.Target != SearchTarget.Runs && key.Field == SearchField.Tag)
        {
            throw ServerlessException.Invalid(
                rules.Target == SearchTarget.Experiments
                    ? "Invalid order_by entity: tag"
                    : $"Invalid order by key '{key.Name}' specified. Valid keys are {PythonText.Set(rules.Orderable)}"
            );
        }

        return SearchTerm.Of(key, direction, rules);
    }

    private static SearchKey RegisteredModelKey(string name, SearchRules rules)
    {
        var key = QuotedText.TrimBackticks(name);
        return rules.Orderable.Contains(key)
            ? new SearchKey(SearchField.Attribute, rules.Canonical(key))
            : throw ServerlessException.Invalid(
                $"Invalid order by key '{key}' specified. Valid keys are '{PythonText.Set(["name", "timestamp"])}'"
            );
    }

    private static (string Name, bool Ascending) Split(string text)
    {
        var items = SearchGrouper.Group(text);

        // "timestamp DESC" is not an identifier because timestamp is the name of a type.
        var isTimestamp = items is [{ Value: "timestamp" }] or [{ Value: "timestamp" }, { Kind: ItemKind.Order }];
        var isIdentifier = items is [{ Kind: ItemKind.Identifier } only] && only.Start == 0 && only.End == text.Length;
        if (!isIdentifier && !(isTimestamp && items[0].Start == 0 && items[^1].End == text.Length))
        {
            throw NotParsed(text);
        }

        var name = items[0];
        var rest = text[name.NameEnd..].Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        return rest switch
        {
            [] => (text, true),
            [var word] when word.Equals("asc", StringComparison.OrdinalIgnoreCase) => (text[..name.NameEnd], true),
            [var word] when word.Equals("desc", StringComparison.OrdinalIgnoreCase) => (text[..name.NameEnd], false),
            [_] => throw ServerlessException.Invalid($"Invalid ordering key in order_by clause '{text}'."),
            _ => throw NotParsed(text),
        };
    }

    private static ServerlessException NotParsed(string text) =>
        ServerlessException.Invalid($"Invalid order_by clause '{text}'. Could not be parsed.");
}
