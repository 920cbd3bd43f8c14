namespace Serverless.Tracking.Search;

/// <summary>How a search reads an item. Null means that the item lacks the key.</summary>
public interface ISearchAccessor<T>
{
    /// <summary>
    /// Metrics (the latest value, NaN as it is) and numeric attributes: start_time, end_time, creation_time, last_update_time,
    /// creation_timestamp, last_updated_timestamp, version_number.
    /// </summary>
    double? Number(T item, SearchKey key);

    /// <summary>Numbers of which one has to fit, for a key that may have many; null if it has at most one.</summary>
    IEnumerable<double>? Points(T item, SearchKey key) => null;

    /// <summary>Params, tags and every other attribute; experiment_id too.</summary>
    string? Text(T item, SearchKey key);

    /// <summary>The datasets that a run took in. Only searches of runs ask.</summary>
    IEnumerable<(string Name, string Digest, string? Context)> Datasets(T item);
}
