using System.Text.Json.Serialization;
using Serverless.Core;

namespace Serverless.Tracking.Runs;

/// <summary>A run's states, by MLflow's names.</summary>
public enum RunStatus
{
    Scheduled,
    Running,
    Finished,
    Failed,
    Killed,
}

/// <summary>One execution of a pipeline, or one tracked experiment run: the same record.</summary>
public sealed record Run
{
    public required string Id { get; init; }

    public required string ExperimentId { get; init; }

    public required string Name { get; init; }

    public RunStatus Status { get; init; }

    public string? User { get; init; }

    /// <summary>Milliseconds since 1970, as clients give them: any number.</summary>
    public long StartMilliseconds { get; init; }

    public long? EndMilliseconds { get; init; }

    [JsonIgnore]
    public DateTimeOffset StartTime
    {
        get => Milliseconds.ToTime(StartMilliseconds);
        init => StartMilliseconds = value.ToUnixTimeMilliseconds();
    }

    [JsonIgnore]
    public DateTimeOffset? EndTime
    {
        get => EndMilliseconds is { } end ? Milliseconds.ToTime(end) : null;
        init => EndMilliseconds = value?.ToUnixTimeMilliseconds();
    }

    public string? ArtifactUri { get; init; }

    /// <summary>When it was deleted, softly.</summary>
    public long? DeletedMilliseconds { get; init; }

    /// <summary>True once it is being removed for good; it cannot come back then.</summary>
    public bool IsCollected { get; init; }

    public IReadOnlyDictionary<string, string> Params { get; init; } = new Dictionary<string, string>();

    public IReadOnlyDictionary<string, string> Tags { get; init; } = new Dictionary<string, string>();

    /// <summary>The latest point of each metric.</summary>
    public IReadOnlyDictionary<string, MetricPoint> Metrics { get; init; } = new Dictionary<string, MetricPoint>();

    /// <summary>Datasets that it used.</summary>
    public IReadOnlyList<DatasetInput> Inputs { get; init; } = [];

    /// <summary>Ids of logged models that it used.</summary>
    public IReadOnlyList<string> ModelInputs { get; init; } = [];

    /// <summary>Logged models that it made.</summary>
    public IReadOnlyList<ModelOutput> ModelOutputs { get; init; } = [];

    /// <summary>How many rows of metric points there are; the last one still grows.</summary>
    public int MetricRows { get; init; }

    /// <summary>How many points the last of them holds.</summary>
    public int LastRowPoints { get; init; }

    /// <summary>Set for the run of a pipeline.</summary>
    public PipelineRun? Pipeline { get; init; }

    /// <summary>Set for the run of a pipeline's task, which is nested in the pipeline's run.</summary>
    public TaskRun? Task { get; init; }

    /// <summary>Why it failed.</summary>
    public RunError? Error { get; init; }

    [JsonIgnore]
    public bool IsEnded => Status is RunStatus.Finished or RunStatus.Failed or RunStatus.Killed;

    [JsonIgnore]
    public bool IsDeleted => DeletedMilliseconds is not null;
}

/// <summary>A logged model that a run made, and at which step.</summary>
public sealed record ModelOutput(string ModelId, long Step);

/// <summary>A metric's point.</summary>
/// <param name="Timestamp">Milliseconds since 1970.</param>
public sealed record MetricPoint(double Value, long Step, long Timestamp)
{
    /// <summary>Later is the higher step, then the later time, then the greater value.</summary>
    public bool IsAfter(MetricPoint other) =>
        (Step, Timestamp, double.IsNaN(Value) ? 0 : Value).CompareTo(
            (other.Step, other.Timestamp, double.IsNaN(other.Value) ? 0 : other.Value)
        ) > 0;
}

/// <summary>A dataset that a run used, with MLflow's fields.</summary>
public sealed record DatasetInput
{
    public required string Name { get; init; }

    public required string Digest { get; init; }

    public string SourceType { get; init; } = "";

    public string Source { get; init; } = "";

    public string? Schema { get; init; }

    public string? Profile { get; init; }

    /// <summary>Digests of a schema and a profile that are too long for a table row.</summary>
    public string? SchemaDigest { get; init; }

    public string? ProfileDigest { get; init; }

    public IReadOnlyList<KeyValuePair<string, string>> Tags { get; init; } = [];
}

/// <summary>What a pipeline's run adds: its definition, fixed when it was submitted.</summary>
public sealed record PipelineRun
{
    /// <summary>The pipeline's name.</summary>
    public required string Pipeline { get; init; }

    /// <summary>Digest of the definition, which holds the pipeline and the digests of its source files.</summary>
    public required string DefinitionDigest { get; init; }

    /// <summary>True: a durable engine drives it, and no host of one machine does.</summary>
    public bool IsDurable { get; init; }

    /// <summary>1, and one more with each retry of what failed.</summary>
    public int Generation { get; init; } = 1;

    /// <summary>Tasks by state, at the end.</summary>
    public IReadOnlyDictionary<string, int> Tasks { get; init; } = new Dictionary<string, int>();
}

/// <summary>What a task's run adds: which task of which run it is, and how far that had come when it was recorded.</summary>
public sealed record TaskRun
{
    /// <summary>The pipeline's run.</summary>
    public required string RunId { get; init; }

    public required string Path { get; init; }

    public int Generation { get; init; } = 1;

    public int Attempt { get; init; } = 1;

    /// <summary>The task's state by its name.</summary>
    public required string State { get; init; }

    /// <summary>Later is the higher generation, then the higher attempt, then what comes later in a task's life.</summary>
    [JsonIgnore]
    public (int Generation, int Attempt, int Phase) Progress => (Generation, Attempt, Phase);

    /// <summary>0 waits, 1 runs, 2 has ended.</summary>
    public int Phase { get; init; }
}

/// <summary>An error as it is recorded.</summary>
public sealed record RunError(string Code, string Message, string? Fix = null)
{
    public static RunError Of(Exception e)
    {
        if (e is not ServerlessException s)
        {
            return new RunError(ErrorCodes.InternalError, $"{e.GetType().Name}: {e.Message}");
        }

        // A message that is made of its only finding is not said twice.
        var more = s.Diagnostics.Where(d => !s.Message.Contains(d.Message, StringComparison.Ordinal));
        return new RunError(s.Code, string.Join('\n', more.Select(d => d.ToString()).Prepend(s.Message)), s.Fix);
    }
}

/// <summary>Times as the protocol has them.</summary>
internal static class Milliseconds
{
    /// <summary>A client may send any number; what no calendar holds is shown as its end.</summary>
    public static DateTimeOffset ToTime(long milliseconds) =>
        DateTimeOffset.FromUnixTimeMilliseconds(
            Math.Clamp(milliseconds, DateTimeOffset.MinValue.ToUnixTimeMilliseconds(), DateTimeOffset.MaxValue.ToUnixTimeMilliseconds())
        );
}
