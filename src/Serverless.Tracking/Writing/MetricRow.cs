namespace Serverless.Tracking;

/// <summary>A point of a metric by its key.</summary>
public readonly record struct MetricEntry(string Key, double Value, long Timestamp, long Step);

/// <summary>
/// Points of metrics of a run, up to a thousand in one table row: columns, so that a key is named once. Only the last row of a run
/// grows; it is written in the same transaction as the run's summary.
/// </summary>
internal sealed record MetricRow
{
    public const int MaxPoints = 1000;

    public static readonly MetricRow Empty = new();

    public IReadOnlyList<string> Names { get; init; } = [];

    public IReadOnlyList<int> NameOf { get; init; } = [];

    public IReadOnlyList<double> Values { get; init; } = [];

    public IReadOnlyList<long> Timestamps { get; init; } = [];

    public IReadOnlyList<long> Steps { get; init; } = [];

    public int Count => Values.Count;

    public MetricRow Add(IReadOnlyList<MetricEntry> points)
    {
        var names = new List<string>(Names);
        var index = new Dictionary<string, int>(names.Count);
        for (var i = 0; i < names.Count; i++)
        {
            index[names[i]] = i;
        }

        var nameOf = new List<int>(NameOf);
        foreach (var point in points)
        {
            if (!index.TryGetValue(point.Key, out var at))
            {
                index[point.Key] = at = names.Count;
                names.Add(point.Key);
            }

            nameOf.Add(at);
        }

        return new MetricRow
        {
            Names = names,
            NameOf = nameOf,
            Values = [.. Values, .. points.Select(p => p.Value)],
            Timestamps = [.. Timestamps, .. points.Select(p => p.Timestamp)],
            Steps = [.. Steps, .. points.Select(p => p.Step)],
        };
    }

    public IEnumerable<MetricEntry> Of(string? key)
    {
        for (var i = 0; i < Count; i++)
        {
            var name = Names[NameOf[i]];
            if (key is null || name == key)
            {
                yield return new MetricEntry(name, Values[i], Timestamps[i], Steps[i]);
            }
        }
    }
}
