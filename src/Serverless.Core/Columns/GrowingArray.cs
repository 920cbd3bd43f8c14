namespace Serverless.Core.Columns;

/// <summary>An array that grows as values arrive. If it is exactly full at the end, it is handed over without a copy.</summary>
internal struct GrowingArray<T>
{
    private T[] _items;

    public GrowingArray() => _items = [];

    public int Count { get; private set; }

    public void Add(T item)
    {
        if (Count == _items.Length)
        {
            Array.Resize(ref _items, Math.Max(16, _items.Length * 2));
        }

        _items[Count++] = item;
    }

    public void AddMany(T item, int count)
    {
        for (var i = 0; i < count; i++)
        {
            Add(item);
        }
    }

    public readonly Span<T> AsSpan() => _items.AsSpan(0, Count);

    /// <summary>Returns the values. Gives the buffer away, so nothing may be added afterwards.</summary>
    public T[] Take()
    {
        Array.Resize(ref _items, Count);
        return _items;
    }
}
