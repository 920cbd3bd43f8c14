namespace Serverless.Data.Values;

/// <summary>Compares and changes values. They are immutable, so a change returns a new value.</summary>
public static class DataValues
{
    /// <summary>Compares types and values. Ignores lines and the order of a map's keys.</summary>
    public static bool Same(DataNode? a, DataNode? b) =>
        (a, b) switch
        {
            (null, null) => true,
            (DataScalar x, DataScalar y) => x.Value is byte[] left && y.Value is byte[] right
                ? left.AsSpan().SequenceEqual(right)
                : x.Matches(y),
            (DataList x, DataList y) => x.Items.Count == y.Items.Count && x.Items.Zip(y.Items).All(p => Same(p.First, p.Second)),
            (DataMap x, DataMap y) => x.Entries.Count == y.Entries.Count
                && x.Entries.All(e => y.Get(e.Key) is { } other && Same(e.Value, other)),
            _ => false,
        };

    public static DataNode? Get(this DataMap map, DataScalar key) =>
        key.AsText is { } text ? map[text] : map.Entries.FirstOrDefault(e => e.Key.Matches(key))?.Value;

    /// <summary>Returns the map with a key set: in its position if it exists, otherwise appended. A null value removes the key.</summary>
    public static DataMap With(this DataMap map, string key, DataNode? value)
    {
        var entries = map.Entries.ToList();
        var at = entries.FindIndex(e => e.Key.AsText == key);
        if (value is null)
        {
            if (at >= 0)
            {
                entries.RemoveAt(at);
            }
        }
        else if (at >= 0)
        {
            entries[at] = new DataEntry(entries[at].Key, value);
        }
        else
        {
            entries.Add(new DataEntry(DataScalar.Text(key), value));
        }

        return new DataMap(entries, map.Line);
    }

    /// <summary>Creates a map of the pairs whose value is not null.</summary>
    public static DataMap Map(params IEnumerable<(string Key, DataNode? Value)> pairs) =>
        new([.. pairs.Where(p => p.Value is not null).Select(p => new DataEntry(DataScalar.Text(p.Key), p.Value!))]);
}
