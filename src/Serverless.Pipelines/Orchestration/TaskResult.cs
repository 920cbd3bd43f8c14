using System.Text.Json;
using Serverless.Pipelines.Model;
using Serverless.Storage;
using Serverless.Storage.Content;
using Serverless.Tracking.Runs;

namespace Serverless.Pipelines.Orchestration;

/// <summary>The states of a task.</summary>
public enum TaskState
{
    Pending,
    WaitingForApproval,
    Running,
    Succeeded,
    Failed,

    /// <summary>Its condition did not hold, or a dependency did not succeed.</summary>
    Skipped,
    Canceled,
}

/// <summary>The result of a task and its outputs.</summary>
public sealed record TaskResult
{
    public required TaskState State { get; init; }

    /// <summary>Gets the output artifacts by path.</summary>
    public IReadOnlyDictionary<string, ContentRef> Artifacts { get; init; } = new Dictionary<string, ContentRef>();

    /// <summary>Gets the properties of artifacts besides their content, by the same names.</summary>
    public IReadOnlyDictionary<string, ArtifactInfo> ArtifactInfos { get; init; } = new Dictionary<string, ArtifactInfo>();

    /// <summary>Gets the small values for later tasks and conditions.</summary>
    public IReadOnlyDictionary<string, JsonElement> Values { get; init; } = new Dictionary<string, JsonElement>();

    public IReadOnlyDictionary<string, double> Metrics { get; init; } = new Dictionary<string, double>();

    /// <summary>Gets whether the recorded outputs were used and nothing ran.</summary>
    public bool IsCacheHit { get; init; }

    public RunError? Error { get; init; }

    /// <summary>Gets a command's exit code.</summary>
    public int? ExitCode { get; init; }

    /// <summary>Gets why it was skipped or cancelled.</summary>
    public string? Reason { get; init; }

    /// <summary>Returns a value by name or by a path into one: an output value, otherwise a metric.</summary>
    public JsonElement? Find(string output) => JsonPath.Find(Named, output);

    private JsonElement? Named(string name) =>
        Values.TryGetValue(name, out var value) ? value
        : Metrics.TryGetValue(name, out var metric) ? JsonSerializer.SerializeToElement(metric, StorageJson.Options)
        : null;

    /// <summary>Returns the first failed result, otherwise the first cancelled one; null if all succeeded.</summary>
    internal static TaskResult? Worst(IReadOnlyList<TaskResult> results) =>
        results.FirstOrDefault(r => r.State == TaskState.Failed) ?? results.FirstOrDefault(r => r.State == TaskState.Canceled);

    public static TaskResult Skip(string reason) => new() { State = TaskState.Skipped, Reason = reason };

    public static TaskResult Cancel(string reason) => new() { State = TaskState.Canceled, Reason = reason };

    public static TaskResult Fail(Exception e) => new() { State = TaskState.Failed, Error = RunError.Of(e) };
}

/// <summary>The result of a pipeline.</summary>
public sealed record PipelineResult(RunStatus Status, IReadOnlyDictionary<string, TaskResult> Tasks, RunError? Error)
{
    /// <summary>Gets the outputs of the pipeline itself, those of its outermost graph.</summary>
    public TaskResult? Outputs { get; init; }
}
