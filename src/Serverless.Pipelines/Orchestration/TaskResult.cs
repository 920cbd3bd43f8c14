using System.Text.Json;
using Serverless.Pipelines.Model;
using Serverless.Storage;
using Serverless.Storage.Content;
using Serverless.Tracking.Runs;

namespace Serverless.Pipelines.Orchestration;

/// <summary>A task's states.</summary>
public enum TaskState
{
    Pending,
    WaitingForApproval,
    Running,
    Succeeded,
    Failed,

    /// <summary>Its condition did not hold, or what it depends on did not succeed.</summary>
    Skipped,
    Canceled,
}

/// <summary>How a task ended, and what it gave out.</summary>
public sealed record TaskResult
{
    public required TaskState State { get; init; }

    /// <summary>The artifacts it wrote, by path.</summary>
    public IReadOnlyDictionary<string, ContentRef> Artifacts { get; init; } = new Dictionary<string, ContentRef>();

    /// <summary>What is known of artifacts besides their content, by the same names.</summary>
    public IReadOnlyDictionary<string, ArtifactInfo> ArtifactInfos { get; init; } = new Dictionary<string, ArtifactInfo>();

    /// <summary>Small values for later tasks and conditions.</summary>
    public IReadOnlyDictionary<string, JsonElement> Values { get; init; } = new Dictionary<string, JsonElement>();

    public IReadOnlyDictionary<string, double> Metrics { get; init; } = new Dictionary<string, double>();

    /// <summary>True: nothing ran, the recorded outputs were taken.</summary>
    public bool IsCacheHit { get; init; }

    public RunError? Error { get; init; }

    /// <summary>A command's exit code.</summary>
    public int? ExitCode { get; init; }

    /// <summary>Why it was skipped or cancelled.</summary>
    public string? Reason { get; init; }

    /// <summary>A value by name or by a path into one: what the component gave out, else a metric.</summary>
    public JsonElement? Find(string output) => JsonPath.Find(Named, output);

    private JsonElement? Named(string name) =>
        Values.TryGetValue(name, out var value) ? value
        : Metrics.TryGetValue(name, out var metric) ? JsonSerializer.SerializeToElement(metric, StorageJson.Options)
        : null;

    /// <summary>The first that failed, else the first that was cancelled; null if all went well.</summary>
    internal static TaskResult? Worst(IReadOnlyList<TaskResult> results) =>
        results.FirstOrDefault(r => r.State == TaskState.Failed) ?? results.FirstOrDefault(r => r.State == TaskState.Canceled);

    public static TaskResult Skip(string reason) => new() { State = TaskState.Skipped, Reason = reason };

    public static TaskResult Cancel(string reason) => new() { State = TaskState.Canceled, Reason = reason };

    public static TaskResult Fail(Exception e) => new() { State = TaskState.Failed, Error = RunError.Of(e) };
}

/// <summary>How a pipeline ended.</summary>
public sealed record PipelineResult(RunStatus Status, IReadOnlyDictionary<string, TaskResult> Tasks, RunError? Error)
{
    /// <summary>What the pipeline itself gives out: the outputs of its outermost graph.</summary>
    public TaskResult? Outputs { get; init; }
}
