namespace Serverless.Tracking.Search;

/// <summary>Gives a search access to an item. Null means that the item lacks the key.</summary>
public interface ISearchAccessor<T>
{
    /// <summary>
    /// Returns metrics (the latest value, NaN unchanged) and numeric attributes: start_time, end_time, creation_time, last_update_time,
    /// creation_timestamp, last_updated_timestamp, version_number.
    /// </summary>
    double? Number(T item, SearchKey key);

    /// <summary>Returns several numbers, of which one must match, for a key that may have many; null if it has at most one.</summary>
    IEnumerable<double>? Points(T item, SearchKey key) => null;

    /// <summary>Returns params, tags and every other attribute, including experiment_id.</summary>
    string? Text(T item, SearchKey key);

    /// <summary>Returns the input datasets of a run. Only run searches use it.</summary>
    IEnumerable<(string Name, string Digest, string? Context)> Datasets(T item);
}
