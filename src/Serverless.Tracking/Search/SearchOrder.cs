using Serverless.Core;
using Serverless.Tracking.Search.Grammar;

namespace Serverless.Tracking.Search;

/// <summary>The sort order of a search: the requested order, completed to a total one.</summary>
public sealed class SearchOrder
{
    private SearchOrder(SearchTerm[] terms) => Terms = terms;

    internal SearchTerm[] Terms { get; }

    /// <exception cref="ServerlessException">A term is not valid for this search. The message is MLflow's.</exception>
    public static SearchOrder Parse(IReadOnlyList<string>? orderBy, SearchTarget target)
    {
        var rules = SearchRules.Of(target);
        var asked = orderBy ?? [];
        var terms = asked.Select(text => SearchTerms.Read(text, rules)).ToList();
        if (terms.DistinctBy(term => term.Key).Count() < terms.Count)
        {
            throw ServerlessException.Invalid($"`order_by` contains duplicate fields: {PythonText.List(asked)}");
        }

        foreach (var term in TieBreaks(rules, isDefault: terms.Count == 0))
        {
            if (terms.TrueForAll(existing => existing.Key != term.Key))
            {
                terms.Add(term);
            }
        }

        return new SearchOrder([.. terms]);
    }

    public IComparer<T> Comparer<T>(ISearchAccessor<T> accessor) => new SearchComparer<T>(Terms, accessor);

    /// <summary>Where a page begins, by the token of the page before it.</summary>
    /// <returns>The items that it may hold, and how many of them come before it.</returns>
    public (IEnumerable<T> Items, int Offset) From<T>(string? token, IEnumerable<T> found, ISearchAccessor<T> accessor)
    {
        var offset = PageToken.ParseOffset(token);
        if (PageToken.ParseAfter(token) is not { } after)
        {
            return (found, offset);
        }

        if (after.Count != Terms.Length)
        {
            throw ServerlessException.Invalid("Invalid page token: it belongs to a search in another order.");
        }

        var comparer = new SearchComparer<T>(Terms, accessor);
        return (found.Where(item => comparer.IsAfter(item, after)), 0);
    }

    /// <summary>The token of the page behind an item.</summary>
    public string TokenAfter<T>(T last, string? token, int count, ISearchAccessor<T> accessor) =>
        PageToken.Create(PageToken.ParseOffset(token) + count, new SearchComparer<T>(Terms, accessor).KeysOf(last));

    private static SearchTerm[] TieBreaks(SearchRules rules, bool isDefault) =>
        rules.Target switch
        {
            SearchTarget.Runs => [Term(rules, "start_time", false), Term(rules, "run_id", true)],
            SearchTarget.Experiments when isDefault => [Term(rules, "creation_time", false), Term(rules, "experiment_id", true)],
            SearchTarget.Experiments => [Term(rules, "experiment_id", false)],
            SearchTarget.RegisteredModels => [Term(rules, "name", true)],
            SearchTarget.ModelVersions when isDefault =>
            [
                Term(rules, "last_updated_timestamp", false),
                Term(rules, "name", true),
                Term(rules, "version_number", false),
            ],
            _ => [Term(rules, "name", true), Term(rules, "version_number", false)],
        };

    private static SearchTerm Term(SearchRules rules, string attribute, bool ascending) =>
        SearchTerm.Of(new SearchKey(SearchField.Attribute, attribute), ascending, rules);
}
