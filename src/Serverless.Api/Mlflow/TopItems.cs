namespace Serverless.Api.Mlflow;

/// <summary>Finds a page of sorted items without sorting all items.</summary>
internal static class TopItems
{
    public static IReadOnlyList<T> Page<T>(IEnumerable<T> items, IComparer<T> order, int offset, int count)
    {
        var wanted = (long)offset + count;
        // The heap's top is the worst of the best so far: a worse item is skipped with a single comparison.
        var best = new PriorityQueue<T, T>(Comparer<T>.Create((a, b) => order.Compare(b, a)));
        foreach (var item in items)
        {
            if (best.Count < wanted)
            {
                best.Enqueue(item, item);
            }
            else if (order.Compare(item, best.Peek()) < 0)
            {
                best.EnqueueDequeue(item, item);
            }
        }

        var page = new T[Math.Max(0, best.Count - offset)];
        for (var i = page.Length - 1; i >= 0; i--)
        {
            page[i] = best.Dequeue();
        }

        return page;
    }
}
