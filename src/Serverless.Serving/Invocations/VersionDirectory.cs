using System.Collections.Concurrent;
using Serverless.Core;
using Serverless.Tracking.Models;

namespace Serverless.Serving.Invocations;

/// <summary>
/// Caches the state of models, so that requests do not wait for the store. A change by this host takes effect at once. A change by
/// another host takes effect within <see cref="Fresh"/> while there are requests, and before the first response after a pause longer
/// than <see cref="Stale"/>. While the store is unavailable, the cached state stays in effect.
/// </summary>
internal sealed class VersionDirectory(ModelRegistry registry, TimeProvider time)
{
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Stale = TimeSpan.FromSeconds(5);

    /// <summary>How long a request waits for the store if there is a cached state to fall back on.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<string, Entry> entries = new(StringComparer.Ordinal);

    public ValueTask<ModelState> FindAsync(string name, CancellationToken cancellationToken)
    {
        if (!entries.TryGetValue(name, out var entry) || registry.Models.Known(name) is not { } known)
        {
            return LookUpAsync(name, cancellationToken);
        }

        var age = time.GetElapsedTime(Volatile.Read(ref entry.CheckedAt));
        if (age < Fresh)
        {
            return ValueTask.FromResult(known);
        }

        var refresh = RefreshAsync(name, entry);
        return age < Stale || Volatile.Read(ref entry.IsLate)
            ? ValueTask.FromResult(known)
            : WaitAsync(name, entry, refresh, known, cancellationToken);
    }

    private async ValueTask<ModelState> LookUpAsync(string name, CancellationToken cancellationToken)
    {
        if (await registry.Models.FindAsync(name, cancellationToken) is not { } state)
        {
            entries.TryRemove(name, out _);
            throw ServerlessException.NotFound($"Registered Model with name={name} not found", "List the models with `mlops models`.");
        }

        entries.GetOrAdd(name, _ => new Entry()).CheckedAt = time.GetTimestamp();
        return state;
    }

    private async ValueTask<ModelState> WaitAsync(
        string name,
        Entry entry,
        Task refresh,
        ModelState known,
        CancellationToken cancellationToken
    )
    {
        try
        {
            await refresh.WaitAsync(Patience, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            // Other requests do not wait for this refresh.
            Volatile.Write(ref entry.IsLate, true);
            return known;
        }

        return registry.Models.Known(name) ?? await LookUpAsync(name, cancellationToken);
    }

    /// <summary>Refreshes the state, one refresh at a time. Never throws.</summary>
    private Task RefreshAsync(string name, Entry entry)
    {
        lock (entry)
        {
            if (entry.Refresh is { IsCompleted: false } || (entry.IsLate && time.GetElapsedTime(entry.AskedAt) < Fresh))
            {
                return entry.Refresh!;
            }

            entry.AskedAt = time.GetTimestamp();
            return entry.Refresh = Task.Run(async () =>
            {
                try
                {
                    await registry.Models.FindAsync(name);
                    Volatile.Write(ref entry.CheckedAt, time.GetTimestamp());
                    Volatile.Write(ref entry.IsLate, false);
                }
                catch (ServerlessException)
                {
                    Volatile.Write(ref entry.IsLate, true);
                }
            });
        }
    }

    private sealed class Entry
    {
        public long CheckedAt;
        public long AskedAt;
        public bool IsLate;
        public Task? Refresh;
    }
}
