namespace Serverless.Tracking.Search;

/// <summary>The part of an item that a key refers to.</summary>
public enum SearchField
{
    Attribute,
    Metric,
    Param,
    Tag,
    Dataset,
}

/// <summary>
/// A key of a filter or sort order by its canonical name: <c>created</c> becomes <c>start_time</c>, <c>Run name</c> becomes
/// <c>run_name</c>, the registry's <c>timestamp</c> becomes <c>last_updated_timestamp</c>.
/// </summary>
public readonly record struct SearchKey(SearchField Field, string Name);
