using System.Collections;
using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Serverless.Tracking.Runs;

namespace Serverless.Tracking.Writing;

/// <summary>
/// A read-only map with its values in an array and its keys in an array shared by all runs with the same keys: a host with 100,000 runs
/// keeps a handful of key sets instead of 300,000 hash tables.
/// </summary>
internal sealed class CompactMap<T> : IReadOnlyDictionary<string, T>
{
    private readonly KeySet keys;
    private readonly T[] values;

    public CompactMap(KeySet keys, T[] values)
    {
        this.keys = keys;
        this.values = values;
    }

    public int Count => values.Length;

    public IEnumerable<string> Keys => keys.Names;

    public IEnumerable<T> Values => values;

    public T this[string key] => TryGetValue(key, out var value) ? value : throw new KeyNotFoundException($"There is no '{key}'.");

    public bool ContainsKey(string key) => keys.IndexOf(key) >= 0;

    public bool TryGetValue(string key, [MaybeNullWhen(false)] out T value)
    {
        var at = keys.IndexOf(key);
        value = at >= 0 ? values[at] : default;
        return at >= 0;
    }

    public IEnumerator<KeyValuePair<string, T>> GetEnumerator()
    {
        for (var i = 0; i < values.Length; i++)
        {
            yield return KeyValuePair.Create(keys.Names[i], values[i]);
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}

/// <summary>Gets the keys in order.</summary>
internal sealed class KeySet(string[] names)
{
    /// <summary>The number of keys up to which a linear scan is faster than hashing.</summary>
    private const int Few = 8;

    private readonly Dictionary<string, int>? index =
        names.Length <= Few ? null : names.Select((name, i) => (name, i)).ToDictionary(n => n.name, n => n.i, StringComparer.Ordinal);

    public string[] Names => names;

    public int IndexOf(string key) => index is null ? Array.IndexOf(names, key) : index.GetValueOrDefault(key, -1);
}

/// <summary>Shares what the runs of an experiment have in common: key sets, and recurring values such as a user's name.</summary>
internal sealed class RunPool
{
    /// <summary>The limit beyond which runs have too little in common to be worth a lookup.</summary>
    private const int MostKeySets = 1_000;
    private const int MostValues = 4_096;

    private readonly ConcurrentDictionary<string, KeySet> keySets = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, string> texts = new(StringComparer.Ordinal);

    /// <summary>Returns the same run in less memory.</summary>
    public Run Compact(Run run) =>
        run with
        {
            ExperimentId = Pooled(run.ExperimentId),
            User = run.User is null ? null : Pooled(run.User),
            Params = Map(run.Params, Pooled),
            Tags = Map(run.Tags, Pooled),
            Metrics = Map(run.Metrics, p => p),
        };

    private CompactMap<T> Map<T>(IReadOnlyDictionary<string, T> map, Func<T, T> value) =>
        map as CompactMap<T> ?? new CompactMap<T>(KeysOf(map.Keys), [.. map.Values.Select(value)]);

    private KeySet KeysOf(IEnumerable<string> names)
    {
        string[] all = [.. names];
        // The length prefixes distinguish ("ab", "c") from ("a", "bc").
        var id = string.Concat(all.Select(n => $"{n.Length}:{n}"));
        return keySets.TryGetValue(id, out var known) ? known
            : keySets.Count >= MostKeySets ? new KeySet(all)
            : keySets.GetOrAdd(id, new KeySet(all));
    }

    private string Pooled(string text) =>
        texts.TryGetValue(text, out var known) ? known
        : texts.Count >= MostValues ? text
        : texts.GetOrAdd(text, text);
}
