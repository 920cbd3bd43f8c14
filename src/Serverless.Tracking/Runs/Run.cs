using System.Text.Json.Serialization;
using Serverless.Core;

namespace Serverless.Tracking.Runs;

/// <summary>The states of a run, with MLflow's names.</summary>
public enum RunStatus
{
    Scheduled,
    Running,
    Finished,
    Failed,
    Killed,
}

/// <summary>An execution of a pipeline or a tracked experiment run, which are the same record.</summary>
public sealed record Run
{
    public required string Id { get; init; }

    public required string ExperimentId { get; init; }

    public required string Name { get; init; }

    public RunStatus Status { get; init; }

    public string? User { get; init; }

    /// <summary>Gets the time in milliseconds since 1970. Clients may set any number.</summary>
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

    /// <summary>Gets the time of the soft deletion.</summary>
    public long? DeletedMilliseconds { get; init; }

    /// <summary>Gets a value that indicates whether the run is being permanently removed, after which it cannot be restored.</summary>
    public bool IsCollected { get; init; }

    public IReadOnlyDictionary<string, string> Params { get; init; } = new Dictionary<string, string>();

    public IReadOnlyDictionary<string, string> Tags { get; init; } = new Dictionary<string, string>();

    /// <summary>Gets the latest point of each metric.</summary>
    public IReadOnlyDictionary<string, MetricPoint> Metrics { get; init; } = new Dictionary<string, MetricPoint>();

    /// <summary>Gets the datasets that the run used.</summary>
    public IReadOnlyList<DatasetInput> Inputs { get; init; } = [];

    /// <summary>Gets the ids of the logged models that the run used.</summary>
    public IReadOnlyList<string> ModelInputs { get; init; } = [];

    /// <summary>Gets the logged models that the run created.</summary>
    public IReadOnlyList<ModelOutput> ModelOutputs { get; init; } = [];

    /// <summary>Gets the number of rows of metric points. The last row still grows.</summary>
    public int MetricRows { get; init; }

    /// <summary>Gets the number of points in the last row.</summary>
    public int LastRowPoints { get; init; }

    /// <summary>Gets the details of a pipeline run; otherwise null.</summary>
    public PipelineRun? Pipeline { get; init; }

    /// <summary>Gets the details of a task run, which is nested in the pipeline's run; otherwise null.</summary>
    public TaskRun? Task { get; init; }

    /// <summary>Gets why the run failed.</summary>
    public RunError? Error { get; init; }

    [JsonIgnore]
    public bool IsEnded => Status is RunStatus.Finished or RunStatus.Failed or RunStatus.Killed;

    [JsonIgnore]
    public bool IsDeleted => DeletedMilliseconds is not null;
}

/// <summary>A logged model that a run created, and the step.</summary>
public sealed record ModelOutput(string ModelId, long Step);

/// <summary>A point of a metric.</summary>
/// <param name="Timestamp">The time in milliseconds since 1970.</param>
public sealed record MetricPoint(double Value, long Step, long Timestamp)
{
    /// <summary>Compares points: the higher step is later, then the later time, then the greater value.</summary>
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

    /// <summary>The digests of a schema and a profile that are too long for a table row.</summary>
    public string? SchemaDigest { get; init; }

    public string? ProfileDigest { get; init; }

    public IReadOnlyList<KeyValuePair<string, string>> Tags { get; init; } = [];
}

/// <summary>The additional data of a pipeline run: its definition, fixed at submission.</summary>
public sealed record PipelineRun
{
    /// <summary>Gets the name of the pipeline.</summary>
    public required string Pipeline { get; init; }

    /// <summary>Gets the digest of the definition, which contains the pipeline and the digests of its source files.</summary>
    public required string DefinitionDigest { get; init; }

    /// <summary>Gets a value that indicates whether a durable engine drives the run instead of a local host.</summary>
    public bool IsDurable { get; init; }

    /// <summary>Gets the generation: 1, plus one for each retry of failed tasks.</summary>
    public int Generation { get; init; } = 1;

    /// <summary>Gets the final number of tasks by state.</summary>
    public IReadOnlyDictionary<string, int> Tasks { get; init; } = new Dictionary<string, int>();
}

/// <summary>The additional data of a task run: its task, its pipeline run, and its progress when it was recorded.</summary>
public sealed record TaskRun
{
    /// <summary>Gets the id of the pipeline run.</summary>
    public required string RunId { get; init; }

    public required string Path { get; init; }

    public int Generation { get; init; } = 1;

    public int Attempt { get; init; } = 1;

    /// <summary>Gets the name of the task's state.</summary>
    public required string State { get; init; }

    /// <summary>Compares progress: the higher generation is later, then the higher attempt, then the later state.</summary>
    [JsonIgnore]
    public (int Generation, int Attempt, int Phase) Progress => (Generation, Attempt, Phase);

    /// <summary>Returns 0 for waiting, 1 for running, 2 for ended.</summary>
    public int Phase { get; init; }
}

/// <summary>An error as recorded.</summary>
public sealed record RunError(string Code, string Message, string? Fix = null)
{
    public static RunError Of(Exception e)
    {
        if (e is not ServerlessException s)
        {
            return new RunError(ErrorCodes.InternalError, $"{e.GetType().Name}: {e.Message}");
        }

        // A message that consists of its only finding is not repeated.
        var more = s.Diagnostics.Where(d => !s.Message.Contains(d.Message, StringComparison.Ordinal));
        return new RunError(s.Code, string.Join('\n', more.Select(d => d.ToString()).Prepend(s.Message)), s.Fix);
    }
}

/// <summary>Converts times to and from the protocol's format.</summary>
internal static class Milliseconds
{
    /// <summary>Clients may send any number; numbers outside the calendar become its first or last moment.</summary>
    public static DateTimeOffset ToTime(long milliseconds) =>
        DateTimeOffset.FromUnixTimeMilliseconds(
            Math.Clamp(milliseconds, DateTimeOffset.MinValue.ToUnixTimeMilliseconds(), DateTimeOffset.MaxValue.ToUnixTimeMilliseconds())
        );
}
