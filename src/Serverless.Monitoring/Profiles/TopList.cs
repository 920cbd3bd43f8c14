namespace Serverless.Monitoring.Profiles;

/// <summary>Keeps the most frequent of the values offered to it without keeping them all.</summary>
internal sealed class TopList<T>(int most)
    where T : IComparable<T>
{
    // The first in this order is dropped first: the least frequent, and among those the last by value.
    private readonly PriorityQueue<T, (long Count, T Value)> _queue = new(
        Comparer<(long Count, T Value)>.Create(
            (left, right) => left.Count != right.Count ? left.Count.CompareTo(right.Count) : Compare(right.Value, left.Value)
        )
    );

    public void Offer(T value, long count)
    {
        if (_queue.Count < most)
        {
            _queue.Enqueue(value, (count, value));
        }
        else if (most > 0)
        {
            _queue.EnqueueDequeue(value, (count, value));
        }
    }

    /// <summary>Returns the values, most frequent first, and clears the list.</summary>
    public IReadOnlyList<ValueCount> Take(Func<T, string> format)
    {
        var values = new List<ValueCount>(_queue.Count);
        while (_queue.TryDequeue(out var value, out var rank))
        {
            values.Add(new ValueCount(format(value), rank.Count));
        }

        values.Reverse();
        return values;
    }

    // The order of text must not depend on the culture.
    private static int Compare(T left, T right) =>
        left is string text ? string.CompareOrdinal(text, right as string) : left.CompareTo(right);
}
