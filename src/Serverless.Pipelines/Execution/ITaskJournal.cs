namespace Serverless.Pipelines.Execution;

/// <summary>Records tasks for an engine, and finds recorded results.</summary>
internal interface ITaskJournal
{
    /// <summary>Reports a state that nothing depends on. It may be written later, or never after a crash.</summary>
    void Post(TaskRecord record);

    /// <summary>Records the end of an attempt, with its cache entry if there is one. Completes when both are stored.</summary>
    Task EndAsync(TaskRecord record, CacheEntry? entry);

    Task<CacheEntry?> FindCachedAsync(string key, CancellationToken cancellationToken);
}
