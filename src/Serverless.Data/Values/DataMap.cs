namespace Serverless.Data.Values;

/// <summary>An entry of a map. A key may be any single value, as in YAML and Python.</summary>
public sealed record DataEntry(DataScalar Key, DataNode Value);

/// <summary>A map that preserves the order of its file.</summary>
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

    /// <summary>Gets the value of a text key, or null.</summary>
    public DataNode? this[string key] => byText.GetValueOrDefault(key)?.Value;

    public DataEntry? Find(string key) => byText.GetValueOrDefault(key);

    public bool Contains(string key) => byText.ContainsKey(key);

    /// <summary>Gets the text keys.</summary>
    public IEnumerable<string> TextKeys => Entries.Select(e => e.Key.AsText).OfType<string>();

    /// <summary>Returns the line of a key, or of the map if the key does not exist.</summary>
    public int LineOf(string key) => Find(key)?.Key.Line ?? Line;

    public override DataNode At(int line) => new DataMap(Entries, line);
}
