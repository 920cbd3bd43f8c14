namespace Serverless.Tracking.Search.Grammar;

/// <summary>
/// Groups tokens into comparisons, in sqlparse's order of passes. Errors name what is left over: a clause that swallowed the next word
/// (<c>metrics.a &gt; 1 oops</c>) is named together with it.
/// </summary>
internal static class SearchGrouper
{
    public static List<SearchItem> Group(string text)
    {
        var items = Periods(Functions(Parentheses(text)));
        items = items.ConvertAll(item => item.Kind is ItemKind.Name or ItemKind.Symbol ? item.With(ItemKind.Identifier) : item);
        items = Orders(items);
        items = Infix(items, item => item.Kind == ItemKind.Operator, IsOperand, IsOperand, Joined(ItemKind.Operation));

        // "a = b < c" is a comparison of a comparison, and therefore not a valid clause.
        items = Infix(
            items,
            item => item.Kind == ItemKind.Comparator,
            left => left.Kind == ItemKind.Comparison || IsComparable(left),
            IsComparable,
            Comparison
        );
        return Infix(Aliases(items), item => item.Is(","), IsListed, IsListed, Joined(ItemKind.List));
    }

    // Pairs with a stack instead of recursion, so that no filter depth can crash the process.
    private static List<SearchItem> Parentheses(string text)
    {
        var items = new List<SearchItem>();
        var open = new Stack<int>();
        foreach (var token in SearchLexer.Read(text))
        {
            var item = new SearchItem(token.Kind, text, token.Start, token.End);
            if (item.Is("("))
            {
                open.Push(items.Count);
            }
            else if (item.Is(")") && open.TryPop(out var start))
            {
                item = SearchItem.Join(ItemKind.Parenthesis, items[start], item);
                items.RemoveRange(start, items.Count - start);
            }

            items.Add(item);
        }

        return items;
    }

    private static List<SearchItem> Functions(List<SearchItem> items) =>
        Pairs(
            items,
            (first, next) => first.Kind == ItemKind.Name && next.Kind == ItemKind.Parenthesis,
            (first, next) => SearchItem.Join(ItemKind.Function, first, next)
        );

    // A period joins even if nothing fit follows, so that an error shows "params." and the broken quote after it apart.
    private static List<SearchItem> Periods(List<SearchItem> items)
    {
        var grouped = new List<SearchItem>(items.Count);
        for (var i = 0; i < items.Count; i++)
        {
            if (items[i].Is(".") && grouped.Count > 0 && grouped[^1].Kind is ItemKind.Name or ItemKind.Symbol or ItemKind.Identifier)
            {
                i +=
                    i + 1 < items.Count && items[i + 1].Kind is ItemKind.Name or ItemKind.Symbol or ItemKind.Text or ItemKind.Function
                        ? 1
                        : 0;
                grouped[^1] = SearchItem.Join(ItemKind.Identifier, grouped[^1], items[i]);
            }
            else
            {
                grouped.Add(items[i]);
            }
        }

        return grouped;
    }

    private static List<SearchItem> Orders(List<SearchItem> items) =>
        Pairs(items, (first, next) => next.Kind == ItemKind.Order && first.Kind is ItemKind.Identifier or ItemKind.Number, Named);

    private static List<SearchItem> Aliases(List<SearchItem> items) =>
        Pairs(
            items,
            (first, next) =>
                next.Kind == ItemKind.Identifier
                && first.Kind
                    is ItemKind.Parenthesis
                        or ItemKind.Function
                        or ItemKind.Identifier
                        or ItemKind.Operation
                        or ItemKind.Comparison
                        or ItemKind.Number,
            Named
        );

    private static SearchItem Named(SearchItem first, SearchItem next) =>
        SearchItem.Join(ItemKind.Identifier, first, next) with
        {
            NameEnd = first.NameEnd,
        };

    private static Func<SearchItem, SearchItem, SearchItem, SearchItem> Joined(ItemKind kind) =>
        (first, _, last) => SearchItem.Join(kind, first, last);

    private static SearchItem Comparison(SearchItem left, SearchItem comparator, SearchItem right) =>
        SearchItem.Join(ItemKind.Comparison, left, right) with
        {
            Sides = (left, comparator.Value, right),
        };

    private static bool IsOperand(SearchItem item) =>
        item.Kind
            is ItemKind.Parenthesis
                or ItemKind.Function
                or ItemKind.Identifier
                or ItemKind.Operation
                or ItemKind.Number
                or ItemKind.Text;

    private static bool IsComparable(SearchItem item) => IsOperand(item) || item.Is("NULL");

    private static bool IsListed(SearchItem item) =>
        item.Kind
            is ItemKind.Function
                or ItemKind.Identifier
                or ItemKind.Comparison
                or ItemKind.Operation
                or ItemKind.List
                or ItemKind.Number
                or ItemKind.Text
                or ItemKind.Keyword
                or ItemKind.Order;

    private static List<SearchItem> Pairs(
        List<SearchItem> items,
        Func<SearchItem, SearchItem, bool> isPair,
        Func<SearchItem, SearchItem, SearchItem> join
    )
    {
        var grouped = new List<SearchItem>(items.Count);
        for (var i = 0; i < items.Count; i++)
        {
            grouped.Add(i + 1 < items.Count && isPair(items[i], items[i + 1]) ? join(items[i], items[++i]) : items[i]);
        }

        return grouped;
    }

    private static List<SearchItem> Infix(
        List<SearchItem> items,
        Func<SearchItem, bool> isMiddle,
        Func<SearchItem, bool> isLeft,
        Func<SearchItem, bool> isRight,
        Func<SearchItem, SearchItem, SearchItem, SearchItem> join
    )
    {
        var grouped = new List<SearchItem>(items.Count);
        for (var i = 0; i < items.Count; i++)
        {
            if (isMiddle(items[i]) && grouped.Count > 0 && isLeft(grouped[^1]) && i + 1 < items.Count && isRight(items[i + 1]))
            {
                grouped[^1] = join(grouped[^1], items[i], items[i + 1]);
                i++;
            }
            else
            {
                grouped.Add(items[i]);
            }
        }

        return grouped;
    }
}
