using Serverless.Core;

namespace Serverless.Serving.Invocations;

/// <summary>
/// Caches loaded models by version. Concurrent requests share one load. When the cache is full, the least recently used model that is
/// not in use is evicted.
/// </summary>
internal sealed class ServedModelCache(Func<ServedModelKey, CancellationToken, Task<LoadedModel>> load, long limit, TimeProvider time)
    : IAsyncDisposable
{
    /// <summary>How long a failed load is remembered, so that the folder is not fetched again for every request.</summary>
    private static readonly TimeSpan FailureLife = TimeSpan.FromSeconds(10);

    private readonly Lock gate = new();
    private readonly Dictionary<(string ModelId, int Version), Entry> entries = [];
    private readonly CancellationTokenSource stopping = new();

    public int Count
    {
        get
        {
            lock (gate)
            {
                return entries.Count;
            }
        }
    }

    public async ValueTask<ModelLease> AcquireAsync(ServedModelKey key, CancellationToken cancellationToken)
    {
        Entry? entry;
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(stopping.IsCancellationRequested, this);
            var id = (key.ModelId, key.Version.Version);
            if (!entries.TryGetValue(id, out entry) || IsOver(entry))
            {
                entries[id] = entry = new Entry(key);
                entry.Loading = Task.Run(() => LoadAsync(entry));
            }

            entry.Users++;
            entry.UsedAt = time.GetTimestamp();
        }

        try
        {
            var loaded = entry.Loading.IsCompletedSuccessfully ? entry.Loading.Result : await entry.Loading.WaitAsync(cancellationToken);
            return new ModelLease(this, entry, loaded.Model);
        }
        catch
        {
            Release(entry);
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        List<Entry> all;
        lock (gate)
        {
            if (stopping.IsCancellationRequested)
            {
                return;
            }

            all = [.. entries.Values];
            entries.Clear();
            foreach (var entry in all)
            {
                entry.IsOut = true;
            }

            stopping.Cancel();
        }

        foreach (var entry in all)
        {
            await entry.Loading.ContinueWith(
                _ => { },
                CancellationToken.None,
                TaskContinuationOptions.ExecuteSynchronously,
                TaskScheduler.Default
            );
            Release(entry, 0);
        }

        stopping.Dispose();
    }

    internal void Release(Entry entry, int users = 1)
    {
        lock (gate)
        {
            entry.Users -= users;
            if (!entry.IsOut || entry.Users > 0 || !entry.Loading.IsCompletedSuccessfully || entry.IsDisposed)
            {
                return;
            }

            entry.IsDisposed = true;
        }

        entry.Loading.Result.Model.Dispose();
    }

    private async Task<LoadedModel> LoadAsync(Entry entry)
    {
        try
        {
            var loaded = await load(entry.Key, stopping.Token);
            entry.Bytes = loaded.Bytes;
            Trim(entry);
            return loaded;
        }
        catch
        {
            entry.FailedAt = time.GetTimestamp();
            throw;
        }
    }

    private void Trim(Entry justLoaded)
    {
        List<Entry> left = [];
        lock (gate)
        {
            var total = entries.Values.Sum(e => e.Bytes);
            foreach (
                var entry in entries
                    .Values.Where(e => e.Users == 0 && e != justLoaded && e.Loading.IsCompleted)
                    .OrderBy(e => e.UsedAt)
                    .ToList()
            )
            {
                if (total <= limit)
                {
                    break;
                }

                total -= entry.Bytes;
                entries.Remove((entry.Key.ModelId, entry.Key.Version.Version));
                entry.IsOut = true;
                left.Add(entry);
            }
        }

        foreach (var entry in left)
        {
            Release(entry, 0);
        }
    }

    private bool IsOver(Entry entry) =>
        entry.Loading is { IsFaulted: true } or { IsCanceled: true }
        && (
            entry.Loading.Exception?.InnerException is not ServerlessException { IsRetryable: false }
            || time.GetElapsedTime(entry.FailedAt) > FailureLife
        );

    internal sealed class Entry(ServedModelKey key)
    {
        public ServedModelKey Key { get; } = key;

        public Task<LoadedModel> Loading { get; set; } = null!;

        public int Users { get; set; }

        public long UsedAt { get; set; }

        public long FailedAt { get; set; }

        public long Bytes { get; set; }

        public bool IsOut { get; set; }

        public bool IsDisposed { get; set; }
    }
}

/// <summary>The key of a loaded model. A version number is never reused, and a model's ID does not change when it is renamed.</summary>
internal sealed record ServedModelKey(string ModelId, Tracking.Models.ModelVersion Version);

internal sealed record LoadedModel(IServedModel Model, long Bytes);

/// <summary>Keeps a loaded model from being evicted.</summary>
internal sealed class ModelLease(ServedModelCache cache, ServedModelCache.Entry entry, IServedModel model) : IDisposable
{
    private int isReleased;

    public IServedModel Model => model;

    public void Dispose()
    {
        if (Interlocked.Exchange(ref isReleased, 1) == 0)
        {
            cache.Release(entry);
        }
    }
}
