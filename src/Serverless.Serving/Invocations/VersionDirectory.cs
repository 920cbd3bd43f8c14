using System.Collections.Concurrent;
using Serverless.Core;
using Serverless.Tracking.Models;

namespace Serverless.Serving.Invocations;

/// <summary>
/// Models as this host knows them, without a question to the store on the path of a request. A change that this host makes counts at
/// once. Another host's is seen within <see cref="Fresh"/> while requests come, and before the first answer after a pause longer than
/// <see cref="Stale"/>. While the store is away, what is known goes on counting.
/// </summary>
internal sealed class VersionDirectory(ModelRegistry registry, TimeProvider time)
{
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Stale = TimeSpan.FromSeconds(5);

    /// <summary>How long one request waits for the store, when it has something to fall back on.</summary>
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
            throw ServerlessException.NotFound($"Registered Model with name={name} not found", "`mlops models` lists them.");
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
            // Nobody else waits until the store has answered once.
            Volatile.Write(ref entry.IsLate, true);
            return known;
        }

        return registry.Models.Known(name) ?? await LookUpAsync(name, cancellationToken);
    }

    /// <summary>One question at a time; it ends without an error.</summary>
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
