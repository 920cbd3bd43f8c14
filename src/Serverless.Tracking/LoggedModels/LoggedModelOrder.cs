using Serverless.Core;
using Serverless.Tracking.Search;

namespace Serverless.Tracking.LoggedModels;

/// <summary>
/// An element of the sort order of logged models: an attribute, or the latest value of a metric, optionally on one dataset.
/// </summary>
public sealed record LoggedModelTerm(string Field, bool IsAscending = true, string? DatasetName = null, string? DatasetDigest = null);

/// <summary>The sort order of logged models: the requested order, then newest first. Items without a value come last.</summary>
public sealed class LoggedModelOrder : IComparer<LoggedModel>
{
    private const string Created = "creation_timestamp_ms";
    private static readonly SearchRules Rules = SearchRules.Of(SearchTarget.LoggedModels);
    private readonly List<(Func<LoggedModel, double?>? Number, Func<LoggedModel, string?>? Text, bool IsAscending)> keys = [];

    public LoggedModelOrder(IReadOnlyList<LoggedModelTerm> terms)
    {
        foreach (var term in terms.Append(new LoggedModelTerm(Created, false)))
        {
            Add(term);
        }

        keys.Add((null, m => m.Id, true));
    }

    public int Compare(LoggedModel? x, LoggedModel? y)
    {
        foreach (var (number, text, isAscending) in keys)
        {
            var order = number is not null ? Numbers(number(x!), number(y!), isAscending) : Texts(text!(x!), text(y!), isAscending);
            if (order != 0)
            {
                return order;
            }
        }

        return 0;
    }

    private void Add(LoggedModelTerm term)
    {
        var field = term.Field;
        var period = field.IndexOf('.', StringComparison.Ordinal);
        if (period >= 0)
        {
            if (field[..period] != "metrics")
            {
                throw ServerlessException.Invalid($"Invalid order by field name: {field}. Only metrics are supported.");
            }

            var name = field[(period + 1)..];
            keys.Add((m => Latest(m, name, term), null, term.IsAscending));
            return;
        }

        var attribute = Rules.Canonical(field);
        if (!Rules.Searchable.Contains(attribute))
        {
            throw ServerlessException.Invalid($"Invalid order by field name: {field}");
        }

        keys.Add(
            attribute switch
            {
                Created => (m => m.CreationTime, null, term.IsAscending),
                "last_updated_timestamp_ms" => (m => m.LastUpdateTime, null, term.IsAscending),
                _ => (null, m => LoggedModelAccessor.Attribute(m, attribute), term.IsAscending),
            }
        );
    }

    private static double? Latest(LoggedModel model, string name, LoggedModelTerm term) =>
        model
            .Metrics.Where(p =>
                p.Key == name
                && (term.DatasetName is null || p.DatasetName == term.DatasetName)
                && (term.DatasetDigest is null || p.DatasetDigest == term.DatasetDigest)
            )
            .OrderBy(p => (p.Timestamp, p.Step))
            .LastOrDefault()
            ?.Value;

    private static int Numbers(double? x, double? y, bool isAscending)
    {
        var ranks = Rank(x).CompareTo(Rank(y));
        return ranks != 0 || Rank(x) > 0 ? ranks
            : isAscending ? x!.Value.CompareTo(y!.Value)
            : y!.Value.CompareTo(x!.Value);
    }

    private static int Rank(double? value) =>
        value is not { } number ? 2
        : double.IsNaN(number) ? 1
        : 0;

    private static int Texts(string? x, string? y, bool isAscending) =>
        x is null || y is null ? (x is null ? 1 : 0) - (y is null ? 1 : 0)
        : isAscending ? CodePointOrder.Instance.Compare(x, y)
        : CodePointOrder.Instance.Compare(y, x);
}
