using Serverless.Tracking.Runs;

namespace Serverless.Tracking.Writing;

/// <summary>The writer's state of a run: the summary, its version, and the row of points that still grows.</summary>
internal sealed record RunState(Run Run, string ETag)
{
    /// <summary>The size from which reading the row costs more than checking whether it changed.</summary>
    private const int ManyValues = 100;

    public bool IsLarge => Run.Metrics.Count + Run.Params.Count + Run.Tags.Count > ManyValues;

    /// <summary>Gets the last row of points, or null until it is needed.</summary>
    public MetricRow? LastRow { get; init; }

    /// <summary>Gets the commit of this host that wrote it, or 0 if it was read.</summary>
    public long Commit { get; init; }
}

/// <summary>The result of a change: the run's new summary and new points.</summary>
internal sealed record RunChange(Run Run, IReadOnlyList<MetricEntry> Points)
{
    /// <summary>Gets a value that indicates whether the run is unchanged and needs no write.</summary>
    public bool IsNothing { get; init; }

    /// <summary>Gets a value that indicates whether the run's row is permanently removed.</summary>
    public bool IsRemoval { get; init; }

    public static RunChange Of(Run run) => new(run, []);
}

/// <summary>The runs that a host changed last, and the number of its changes, so that other hosts read what they missed.</summary>
internal sealed record HostRecord(long Sequence, IReadOnlyList<string> Changed, DateTimeOffset Time)
{
    /// <summary>The number of missed changes beyond which a host reads the whole partition again.</summary>
    public const int Remembered = 256;

    public static readonly HostRecord Empty = new(0, [], default);

    public HostRecord Add(IEnumerable<string> runs, DateTimeOffset now)
    {
        var changed = Changed.Concat(runs).ToList();
        return new HostRecord(Sequence + changed.Count - Changed.Count, changed.Count > Remembered ? changed[^Remembered..] : changed, now);
    }
}
