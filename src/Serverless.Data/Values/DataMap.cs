namespace Serverless.Data.Values;

/// <summary>One entry of a map. A key may be any single value, as in YAML and Python.</summary>
public sealed record DataEntry(DataScalar Key, DataNode Value);

/// <summary>A map that keeps the order of its file.</summary>
public sealed class DataMap : DataNode
{
    private readonly Dictionary<string, DataEntry> byText;

    public DataMap(IReadOnlyList<DataEntry> entries, int line = 0)
        : base(DataKind.Map, line)
    {
        Entries = entries;
        byText = new Dictionary<string, DataEntry>(entries.Count, StringComparer.Ordinal);
        foreach (var entry in entries)
        {
            if (entry.Key.AsText is { } text)
            {
                byText[text] = entry;
            }
        }
    }

    public static DataMap Empty { get; } = new([]);

    public IReadOnlyList<DataEntry> Entries { get; }

    /// <summary>The value of a text key; null if there is none.</summary>
    public DataNode? this[string key] => byText.GetValueOrDefault(key)?.Value;

    public DataEntry? Find(string key) => byText.GetValueOrDefault(key);

    public bool Contains(string key) => byText.ContainsKey(key);

    /// <summary>The keys that are text.</summary>
    public IEnumerable<string> TextKeys => Entries.Select(e => e.Key.AsText).OfType<string>();

    /// <summary>The line of a key, or of the map where there is no such key.</summary>
    public int LineOf(string key) => Find(key)?.Key.Line ?? Line;

    public override DataNode At(int line) => new DataMap(Entries, line);
}
