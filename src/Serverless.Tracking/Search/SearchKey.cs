namespace Serverless.Tracking.Search;

/// <summary>The part of an item that a key names.</summary>
public enum SearchField
{
    Attribute,
    Metric,
    Param,
    Tag,
    Dataset,
}

/// <summary>
/// A key of a filter or of an order, by its canonical name: <c>created</c> arrives as <c>start_time</c>,
/// <c>Run name</c> as <c>run_name</c>, the registry's <c>timestamp</c> as <c>last_updated_timestamp</c>.
/// </summary>
public readonly record struct SearchKey(SearchField Field, string Name);
