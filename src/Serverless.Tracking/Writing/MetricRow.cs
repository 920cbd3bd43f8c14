using System.Text.Json.Serialization;

namespace Serverless.Tracking.Writing;

/// <summary>A point of a metric, by its key.</summary>
public readonly record struct MetricEntry(string Key, double Value, long Timestamp, long Step);

/// <summary>
/// Metric points of a run, up to a thousand in one table row. Keys are stored once and points are packed, a quarter of the size of JSON:
/// the last row of a run is rewritten with every logged point, in the same transaction as the run's summary.
/// </summary>
internal sealed record MetricRow
{
    public const int MaxPoints = 1000;

    public static readonly MetricRow Empty = new();

    public IReadOnlyList<string> Names { get; init; } = [];

    public int Count { get; init; }

    /// <summary>Gets the points as packed by <see cref="MetricPoints"/>.</summary>
    public byte[] Points { get; init; } = [];

    /// <summary>The old format of rows, with a column for each part of a point.</summary>
    [JsonInclude, JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    internal IReadOnlyList<int>? NameOf { get; init; }

    [JsonInclude, JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    internal IReadOnlyList<double>? Values { get; init; }

    [JsonInclude, JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    internal IReadOnlyList<long>? Timestamps { get; init; }

    [JsonInclude, JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    internal IReadOnlyList<long>? Steps { get; init; }

    /// <summary>Returns the row in the current format.</summary>
    public MetricRow Packed() =>
        Values is null
            ? this
            : Empty.Add([.. Values.Select((value, i) => new MetricEntry(Names[NameOf![i]], value, Timestamps![i], Steps![i]))]);

    public MetricRow Add(IReadOnlyList<MetricEntry> points)
    {
        var names = new List<string>(Names);
        var index = new Dictionary<string, int>(names.Count);
        for (var i = 0; i < names.Count; i++)
        {
            index[names[i]] = i;
        }

        var packed = new MetricPoints(Points);
        foreach (var point in points)
        {
            if (!index.TryGetValue(point.Key, out var at))
            {
                index[point.Key] = at = names.Count;
                names.Add(point.Key);
            }

            packed.Add(at, point.Value, point.Timestamp, point.Step);
        }

        return new MetricRow
        {
            Names = names,
            Count = Count + points.Count,
            Points = packed.ToArray(),
        };
    }

    public IEnumerable<MetricEntry> Of(string? key)
    {
        foreach (var (name, value, timestamp, step) in MetricPoints.Read(Points))
        {
            if (key is null || Names[name] == key)
            {
                yield return new MetricEntry(Names[name], value, timestamp, step);
            }
        }
    }
}
