namespace Serverless.Pipelines.Execution;

/// <summary>Where an engine records tasks, and where recorded results are found.</summary>
internal interface ITaskJournal
{
    /// <summary>Tells a state that nothing depends on; it may be written later, or never after a crash.</summary>
    void Post(TaskRecord record);

    /// <summary>Records how an attempt ended, with the cache entry it may leave; ends when both are stored.</summary>
    Task EndAsync(TaskRecord record, CacheEntry? entry);

    Task<CacheEntry?> FindCachedAsync(string key, CancellationToken cancellationToken);
}
