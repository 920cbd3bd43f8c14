using System.Text.Json;
using Serverless.Pipelines.Execution;
using Serverless.Pipelines.Model;
using Serverless.Pipelines.Orchestration;
using Serverless.Tracking.Runs;

namespace Serverless.Api.Native.Console;

/// <summary>A pipeline's run on one page: the graph as it was submitted, and what is recorded of each task.</summary>
internal sealed record PipelineView(
    RunPart Run,
    string Pipeline,
    string? Description,
    IReadOnlyList<string> Warnings,
    IReadOnlyDictionary<string, JsonElement> Parameters,
    IReadOnlyList<GraphNode> Graph,
    IReadOnlyList<TaskPart> Tasks
)
{
    public static PipelineView Of(Run run, RunDefinition definition, IReadOnlyList<TaskRecord> tasks)
    {
        var spec = definition.Pipeline;
        return new PipelineView(
            RunPart.Of(run),
            spec.Name,
            spec.Description,
            spec.Warnings,
            spec.Parameters,
            GraphNode.Of(spec.Graph),
            [.. tasks.Select(t => TaskPart.Of(run, t))]
        );
    }
}

/// <summary>The run itself; times are milliseconds since 1970, as MLflow has them.</summary>
internal sealed record RunPart(
    string RunId,
    string RunName,
    string ExperimentId,
    string Status,
    long StartTime,
    long? EndTime,
    int Generation,
    string? Pipeline,
    string? User,
    RunError? Error
)
{
    public static RunPart Of(Run run) =>
        new(
            run.Id,
            run.Name,
            run.ExperimentId,
            RunEdits.FormatStatus(run.Status),
            run.StartMilliseconds,
            run.EndMilliseconds,
            run.Pipeline?.Generation ?? 1,
            run.Pipeline?.Pipeline,
            run.User,
            run.Error
        );
}

/// <summary>A node of the graph.</summary>
internal sealed record GraphNode
{
    public required string Name { get; init; }

    public string? Description { get; init; }

    /// <summary>`component`, `command` or `graph`.</summary>
    public required string Kind { get; init; }

    /// <summary>The component's name, or the command.</summary>
    public string? What { get; init; }

    public required IEnumerable<string> Needs { get; init; }

    public string? When { get; init; }

    public bool? Finally { get; init; }

    public bool? Loop { get; init; }

    public ApprovalPart? Approval { get; init; }

    public int? RetryAttempts { get; init; }

    public double? TimeoutSeconds { get; init; }

    public required IEnumerable<InputPart> Inputs { get; init; }

    public required IEnumerable<string> Outputs { get; init; }

    public IReadOnlyList<GraphNode>? Tasks { get; init; }

    public static IReadOnlyList<GraphNode> Of(GraphSpec graph) => [.. graph.Tasks.Select(task => Of(graph, task))];

    private static GraphNode Of(GraphSpec graph, TaskSpec task)
    {
        var (kind, what, body) = task.Component switch
        {
            ComponentSpec.InProcess component => ("component", component.Uses, null),
            ComponentSpec.Command command => ("command", string.Join('\n', command.Lines), null),
            ComponentSpec.Container container => ("command", container.Image, null),
            ComponentSpec.Graph inner => ("graph", null, Of(inner.Body)),
            _ => ("component", "import", (IReadOnlyList<GraphNode>?)null),
        };
        return new GraphNode
        {
            Name = task.Name,
            Description = task.Description,
            Kind = kind,
            What = what,
            Needs = graph.NeededBy(task),
            When = task.When,
            Finally = task.Finally ? true : null,
            Loop = task.Loop is null ? null : true,
            Approval = task.Approval is { } approval
                ? new ApprovalPart(approval.Message, approval.Role, approval.Deadline?.TotalSeconds)
                : null,
            RetryAttempts = task.Retry?.Attempts,
            TimeoutSeconds = task.Timeout?.TotalSeconds,
            Inputs = task.Inputs.Select(InputPart.Of),
            Outputs = task.Outputs.Select(o => o.Path),
            Tasks = body,
        };
    }
}

internal sealed record ApprovalPart(string? Message, string? Role, double? DeadlineSeconds);

/// <summary>An artifact that a task reads: of another task, or a file of the pipeline's folder.</summary>
internal sealed record InputPart(string Name, string? Task, string? Output, string? Source)
{
    public static InputPart Of(ArtifactInput input) =>
        input.From switch
        {
            ArtifactBinding.TaskOutput from => new InputPart(input.Path, from.Task, from.Output, null),
            ArtifactBinding.Source source => new InputPart(input.Path, null, null, source.Path),
            _ => new InputPart(input.Path, null, null, null),
        };
}

/// <summary>What is recorded of a task's last attempt.</summary>
internal sealed record TaskPart
{
    public required string Path { get; init; }

    /// <summary>The task's own run, nested in the pipeline's.</summary>
    public required string RunId { get; init; }

    public required TaskState State { get; init; }

    public int Attempt { get; init; }

    public long? StartedAt { get; init; }

    public long? EndedAt { get; init; }

    public bool IsCacheHit { get; init; }

    public bool HasLog { get; init; }

    public string? Reason { get; init; }

    public int? ExitCode { get; init; }

    public RunError? Error { get; init; }

    public required IReadOnlyDictionary<string, JsonElement> Parameters { get; init; }

    public required IReadOnlyDictionary<string, double> Metrics { get; init; }

    public required IReadOnlyDictionary<string, JsonElement> Values { get; init; }

    public required IEnumerable<ArtifactPart> Artifacts { get; init; }

    public static TaskPart Of(Run run, TaskRecord record) =>
        new()
        {
            Path = record.Path,
            RunId = TaskRuns.IdOf(run.Id, record.Path),
            State = record.State,
            Attempt = record.Attempt,
            StartedAt = record.StartedAt?.ToUnixTimeMilliseconds(),
            EndedAt = record.EndedAt?.ToUnixTimeMilliseconds(),
            IsCacheHit = record.Result.IsCacheHit,
            HasLog = record.Log is not null,
            Reason = record.Result.Reason,
            ExitCode = record.Result.ExitCode,
            Error = record.Result.Error,
            Parameters = record.Parameters,
            Metrics = record.Result.Metrics,
            Values = record.Result.Values,
            Artifacts = record.Result.Artifacts.Select(a => new ArtifactPart(a.Key, a.Value.Digest, a.Value.Size, a.Value.IsDirectory)),
        };
}

internal sealed record ArtifactPart(string Name, string Digest, long? Size, bool IsFolder);
