namespace Serverless.Core.Columns;

/// <summary>
/// Shares one string among equal texts of a column. Most text columns contain few distinct values; a column with many is left alone,
/// because looking each one up would cost more than it saves.
/// </summary>
internal sealed class TextPool
{
    private const int MostTexts = 4096;

    private readonly Dictionary<string, string> _texts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string>.AlternateLookup<ReadOnlySpan<char>> _lookup;

    public TextPool() => _lookup = _texts.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>How many texts it holds.</summary>
    public int Count => _texts.Count;

    /// <summary>True if it makes a string for each text from now on.</summary>
    public bool IsFull => _texts.Count >= MostTexts;

    public string Get(ReadOnlySpan<char> text)
    {
        if (IsFull)
        {
            return text.ToString();
        }

        if (!_lookup.TryGetValue(text, out var pooled))
        {
            pooled = text.ToString();
            _texts.Add(pooled, pooled);
        }

        return pooled;
    }
}
