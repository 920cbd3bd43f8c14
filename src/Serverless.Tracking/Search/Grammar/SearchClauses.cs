using Serverless.Core;

namespace Serverless.Tracking.Search.Grammar;

/// <summary>One comparison of a filter, as written.</summary>
internal readonly record struct SearchClause(SearchItem Left, string Comparator, SearchItem Right);

/// <summary>Splits a filter into its comparisons.</summary>
internal static class SearchClauses
{
    /// <remarks>Lazy: the key and value of a clause are checked before the next clause is read, as in MLflow.</remarks>
    public static IEnumerable<SearchClause> Read(string text, SearchTarget target)
    {
        var items = SearchGrouper.Group(text);
        if (items.Count == 0)
        {
            throw ServerlessException.Invalid($"Invalid filter '{text}'. Could not be parsed.");
        }

        var end = items.FindIndex(item => item.Is(";"));
        if (end >= 0 && end + 1 < items.Count)
        {
            throw ServerlessException.Invalid(
                $"Search filter contained multiple expression {PythonText.Repr(text)}. Provide AND-ed expression list."
            );
        }

        return Comparisons(text, JoinLists(items), target);
    }

    private static IEnumerable<SearchClause> Comparisons(string text, List<SearchItem> items, SearchTarget target)
    {
        // MLflow ignores AND: it may be doubled or omitted.
        var invalid = items.Where(item => item.Kind != ItemKind.Comparison && !item.Is("AND")).Select(item => item.Value).ToList();
        if (invalid.Count > 0 && target == SearchTarget.LoggedModels)
        {
            throw ServerlessException.Invalid(
                $"Invalid filter string: {PythonText.Repr(text)}. Expected a list of comparisons separated by 'AND' (e.g. "
                    + $"'metrics.loss > 0.1 AND params.lr = 0.01')."
            );
        }

        if (invalid.Count > 0)
        {
            var named = target == SearchTarget.Runs ? invalid.Select(value => $"'{value}'") : invalid;
            throw ServerlessException.Invalid($"Invalid clause(s) in filter string: {string.Join(", ", named)}");
        }

        return items.Where(item => item.Kind == ItemKind.Comparison).Select(Clause);
    }

    private static SearchClause Clause(SearchItem item)
    {
        var (left, comparator, right) = item.Sides!.Value;
        return left.Kind == ItemKind.Identifier
            ? new SearchClause(left, comparator, right)
            : throw ServerlessException.Invalid($"Invalid comparison clause. Expected 'Identifier' found '{left.Value}'");
    }

    /// <summary>Accepts <c>key IN (…)</c> and <c>key NOT IN (…)</c> as comparisons.</summary>
    private static List<SearchItem> JoinLists(List<SearchItem> items)
    {
        var joined = new List<SearchItem>(items.Count);
        for (var i = 0; i < items.Count; i++)
        {
            var negated = i + 1 < items.Count && items[i + 1].Is("NOT") ? 1 : 0;
            var list = i + 2 + negated;
            if (
                items[i].Kind == ItemKind.Identifier
                && list < items.Count
                && items[list - 1].Is("IN")
                && items[list].Kind == ItemKind.Parenthesis
            )
            {
                var sides = (items[i], negated == 1 ? "NOT IN" : "IN", items[list]);
                joined.Add(SearchItem.Join(ItemKind.Comparison, items[i], items[list]) with { Sides = sides });
                i = list;
            }
            else
            {
                joined.Add(items[i]);
            }
        }

        return joined;
    }
}
