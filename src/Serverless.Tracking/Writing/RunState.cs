using Serverless.Tracking.Runs;

namespace Serverless.Tracking.Writing;

/// <summary>A run as its writer holds it: the summary, the version it was read at, and the row of points that still grows.</summary>
internal sealed record RunState(Run Run, string ETag)
{
    /// <summary>From here on it is more work to read the row than to ask whether it changed.</summary>
    private const int ManyValues = 100;

    public bool IsLarge => Run.Metrics.Count + Run.Params.Count + Run.Tags.Count > ManyValues;

    /// <summary>The last row of points; null until it is needed.</summary>
    public MetricRow? LastRow { get; init; }

    /// <summary>The commit of this host that wrote it; 0 for one that was read.</summary>
    public long Commit { get; init; }
}

/// <summary>What a change makes of a run: its new summary and new points.</summary>
internal sealed record RunChange(Run Run, IReadOnlyList<MetricEntry> Points)
{
    /// <summary>True if the run may stay as it is, unwritten.</summary>
    public bool IsNothing { get; init; }

    /// <summary>True if the run's row goes, for good.</summary>
    public bool IsRemoval { get; init; }

    public static RunChange Of(Run run) => new(run, []);
}

/// <summary>Which runs a host changed last, and how many changes there were: other hosts read what they missed.</summary>
internal sealed record HostRecord(long Sequence, IReadOnlyList<string> Changed, DateTimeOffset Time)
{
    /// <summary>Who misses more than this many changes reads the whole partition again.</summary>
    public const int Remembered = 256;

    public static readonly HostRecord Empty = new(0, [], default);

    public HostRecord Add(IEnumerable<string> runs, DateTimeOffset now)
    {
        var changed = Changed.Concat(runs).ToList();
        return new HostRecord(Sequence + changed.Count - Changed.Count, changed.Count > Remembered ? changed[^Remembered..] : changed, now);
    }
}
