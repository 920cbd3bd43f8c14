using System.Globalization;
using Serverless.Core;

namespace Serverless.Tracking.Search;

internal enum TermKind
{
    Text,
    Number,

    /// <summary>Experiment ids are integers, some of them too large for a double to represent exactly.</summary>
    Digits,
}

internal readonly record struct SearchTerm(SearchKey Key, TermKind Kind, bool Ascending)
{
    public static SearchTerm Of(SearchKey key, bool ascending, SearchRules rules) =>
        new(
            key,
            rules.IsNumeric(key) ? TermKind.Number
                : key is { Field: SearchField.Attribute, Name: "experiment_id" } ? TermKind.Digits
                : TermKind.Text,
            ascending
        );
}

/// <summary>Sorts values first, then NaN, then items without the key, in both directions.</summary>
internal sealed class SearchComparer<T>(SearchTerm[] terms, ISearchAccessor<T> accessor) : IComparer<T>
{
    public int Compare(T? x, T? y)
    {
        foreach (var term in terms)
        {
            var order =
                term.Kind == TermKind.Number
                    ? Numbers(accessor.Number(x!, term.Key), accessor.Number(y!, term.Key), term.Ascending)
                    : Texts(accessor.Text(x!, term.Key), accessor.Text(y!, term.Key), term);
            if (order != 0)
            {
                return order;
            }
        }

        return 0;
    }

    /// <summary>The keys by which an item stands where it does, as text.</summary>
    public IReadOnlyList<string?> KeysOf(T item) =>
        [
            .. terms.Select(term =>
                term.Kind == TermKind.Number
                    ? accessor.Number(item, term.Key)?.ToString("R", CultureInfo.InvariantCulture)
                    : accessor.Text(item, term.Key)
            ),
        ];

    /// <summary>True if the item comes behind one that had these keys.</summary>
    public bool IsAfter(T item, IReadOnlyList<string?> keys)
    {
        for (var i = 0; i < terms.Length; i++)
        {
            var term = terms[i];
            var order =
                term.Kind == TermKind.Number
                    ? Numbers(accessor.Number(item, term.Key), NumberOf(keys[i]), term.Ascending)
                    : Texts(accessor.Text(item, term.Key), keys[i], term);
            if (order != 0)
            {
                return order > 0;
            }
        }

        return false;
    }

    private static double? NumberOf(string? key) =>
        key is null ? null
        : double.TryParse(key, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number
        : throw ServerlessException.Invalid("Invalid page token: it belongs to a search in another order.");

    private static int Numbers(double? x, double? y, bool ascending)
    {
        var ranks = Rank(x).CompareTo(Rank(y));
        return ranks != 0 || Rank(x) > 0 ? ranks
            : ascending ? x.GetValueOrDefault().CompareTo(y.GetValueOrDefault())
            : y.GetValueOrDefault().CompareTo(x.GetValueOrDefault());
    }

    private static int Rank(double? value) =>
        value is not { } number ? 2
        : double.IsNaN(number) ? 1
        : 0;

    private static int Texts(string? x, string? y, SearchTerm term)
    {
        if (x is null || y is null)
        {
            return (x is null ? 1 : 0) - (y is null ? 1 : 0);
        }

        var order =
            term.Kind == TermKind.Digits && x.Length != y.Length ? x.Length.CompareTo(y.Length) : CodePointOrder.Instance.Compare(x, y);
        return term.Ascending ? order : -order;
    }
}
