using System.Text.Json;
using Serverless.Storage;

namespace Serverless.Tracking;

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

    public DateTimeOffset StartTime { get; init; }

    public DateTimeOffset? EndTime { get; init; }

    public IReadOnlyDictionary<string, string> Params { get; init; } = new Dictionary<string, string>();

    public IReadOnlyDictionary<string, string> Tags { get; init; } = new Dictionary<string, string>();

    public IReadOnlyDictionary<string, MetricPoint> Metrics { get; init; } = new Dictionary<string, MetricPoint>();

    /// <summary>Set for the run of a pipeline.</summary>
    public PipelineRun? Pipeline { get; init; }

    /// <summary>Why it failed.</summary>
    public RunError? Error { get; init; }

    public bool IsEnded => Status is RunStatus.Finished or RunStatus.Failed or RunStatus.Killed;
}

/// <summary>A metric's latest value.</summary>
public sealed record MetricPoint(double Value, long Step, DateTimeOffset Time);

/// <summary>What a pipeline's run adds: its definition, fixed when it was submitted.</summary>
public sealed record PipelineRun
{
    /// <summary>The pipeline's name.</summary>
    public required string Pipeline { get; init; }

    /// <summary>Digest of the definition, which holds the pipeline and the digests of its source files.</summary>
    public required string DefinitionDigest { get; init; }

    /// <summary>1, and one more with each retry of what failed.</summary>
    public int Generation { get; init; } = 1;

    /// <summary>Tasks by state, at the end.</summary>
    public IReadOnlyDictionary<string, int> Tasks { get; init; } = new Dictionary<string, int>();
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

/// <summary>An experiment: runs that belong together. A pipeline's runs are in the experiment of its name.</summary>
public sealed record Experiment(string Id, string Name, DateTimeOffset CreatedAt);
