using System.Text.Json;
using Serverless.Pipelines.Components;
using Serverless.Pipelines.Execution;
using Serverless.Pipelines.Orchestration;

namespace Serverless.Pipelines.Model;

/// <summary>
/// An executable pipeline: a graph of tasks. Read from dvc.yaml (or Kubeflow's IR), stored by digest when a run is submitted, and never
/// changed afterwards.
/// </summary>
public sealed record PipelineSpec
{
    public required string Name { get; init; }

    public string? Description { get; init; }

    public required GraphSpec Graph { get; init; }

    /// <summary>Gets the external values (params.yaml, a Kubeflow run's arguments) for conditions (`params.x`) and the record.</summary>
    public IReadOnlyDictionary<string, JsonElement> Parameters { get; init; } = new Dictionary<string, JsonElement>();

    /// <summary>Gets the specifications of those values, if the format has them: types, defaults, optional ones.</summary>
    public IReadOnlyDictionary<string, ParameterSpec> Accepts { get; init; } = new Dictionary<string, ParameterSpec>();

    /// <summary>Gets warnings about valid but probably unintended content, shown on submission.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];
}

/// <summary>A graph: the whole pipeline, or the body of a task that is itself a graph.</summary>
public sealed record GraphSpec
{
    public required IReadOnlyList<TaskSpec> Tasks { get; init; }

    /// <summary>
    /// Gets the outputs of a nested graph: name → the inner task outputs that it comes from. The first that ran wins (Kubeflow's OneOf).
    /// </summary>
    public IReadOnlyDictionary<string, IReadOnlyList<OutputRef>> Outputs { get; init; } =
        new Dictionary<string, IReadOnlyList<OutputRef>>();

    /// <summary>The tasks of this graph that one of them waits for.</summary>
    public IReadOnlySet<string> NeededBy(TaskSpec task) => TaskDependencies.Of(task, [.. Tasks.Select(t => t.Name)]);

    /// <summary>The task of a path such as `fit/train[2]`; null if there is none.</summary>
    public TaskSpec? FindTask(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        TaskSpec? found = null;
        GraphSpec? graph = this;
        foreach (var part in path.Split('/'))
        {
            var item = part.EndsWith(']') ? part.LastIndexOf('[') : -1;
            found =
                graph?.Tasks.FirstOrDefault(t => t.Name == part) ?? graph?.Tasks.FirstOrDefault(t => item > 0 && t.Name == part[..item]);
            graph = (found?.Component as ComponentSpec.Graph)?.Body;
        }

        return found;
    }
}

/// <summary>A task's output by name. <see cref="OutputRef.Output"/> is an artifact's or a parameter's name.</summary>
public sealed record OutputRef(string Task, string Output);

/// <summary>A node of the graph: one use of a component.</summary>
public sealed record TaskSpec
{
    public required string Name { get; init; }

    public string? Description { get; init; }

    public required ComponentSpec Component { get; init; }

    /// <summary>Gets the component's parameters by name.</summary>
    public IReadOnlyDictionary<string, ParameterBinding> Parameters { get; init; } = new Dictionary<string, ParameterBinding>();

    /// <summary>Gets the specifications of the parameters, if the format has them. A C# component has its own.</summary>
    public IReadOnlyDictionary<string, ParameterSpec> Accepts { get; init; } = new Dictionary<string, ParameterSpec>();

    /// <summary>Gets the values that count in the cache key and are recorded as the run's params but are not passed to the component
    /// (dvc.yaml's `params`: the command reads them from the file).</summary>
    public IReadOnlyDictionary<string, JsonElement> Tracked { get; init; } = new Dictionary<string, JsonElement>();

    /// <summary>Gets the input artifacts.</summary>
    public IReadOnlyList<ArtifactInput> Inputs { get; init; } = [];

    /// <summary>Gets the output artifacts.</summary>
    public IReadOnlyList<ArtifactOutput> Outputs { get; init; } = [];

    /// <summary>Gets the tasks to wait for without using their outputs.</summary>
    public IReadOnlyList<string> DependsOn { get; init; } = [];

    /// <summary>
    /// Gets the condition under which the task runs. Otherwise it is Skipped, with everything that depends on it. Syntax: <see
    /// cref="Condition"/>.
    /// </summary>
    public string? When { get; init; }

    /// <summary>
    /// Gets whether the task runs after all others of its graph have ended, whatever happened (dvc.yaml's `finally`, Kubeflow's exit
    /// handler).
    /// </summary>
    public bool Finally { get; init; }

    /// <summary>Gets whether the task runs once its dependencies have ended, successfully or not (Kubeflow's
    /// ALL_UPSTREAM_TASKS_COMPLETED). Others may depend on it, and a cancelled run does not start it.</summary>
    public bool IgnoreUpstreamFailure { get; init; }

    /// <summary>Gets the loop, which runs the task once for each item of a list that may be known only at run time.</summary>
    public LoopSpec? Loop { get; init; }

    public RetrySpec? Retry { get; init; }

    /// <summary>Gets the time limit of one attempt, after which its whole process tree is killed.</summary>
    public TimeSpan? Timeout { get; init; }

    public ApprovalSpec? Approval { get; init; }

    public ResourceSpec? Resources { get; init; }

    /// <summary>Gets the settings that only a container platform supports.</summary>
    public PlatformSpec? Platform { get; init; }

    /// <summary>Gets whether the result is never taken from the cache.</summary>
    public bool AlwaysChanged { get; init; }

    /// <summary>Gets the author's own name for the result, which replaces everything in the cache key.</summary>
    public string? CacheKey { get; init; }
}

/// <summary>Runs a task once for each item. <see cref="ParameterBinding.Item"/> binds item and position.</summary>
public sealed record LoopSpec
{
    public required ParameterBinding Items { get; init; }

    /// <summary>Gets the maximum number of parallel items; 0 for no limit other than the run's own.</summary>
    public int Parallelism { get; init; }
}

/// <summary>The number of attempts and the delays between them. For a nested graph, an attempt is the whole graph.</summary>
public sealed record RetrySpec
{
    /// <summary>Gets the number of attempts, including the first one.</summary>
    public required int Attempts { get; init; }

    public TimeSpan Backoff { get; init; } = TimeSpan.FromSeconds(1);

    public double Factor { get; init; } = 2;

    public TimeSpan MaxBackoff { get; init; } = TimeSpan.FromHours(1);
}

/// <summary>Makes the task wait for an approval. With a deadline, no answer counts as a rejection.</summary>
public sealed record ApprovalSpec
{
    public string? Message { get; init; }

    /// <summary>Gets the role that may approve; null for everyone who may write to the workspace.</summary>
    public string? Role { get; init; }

    public TimeSpan? Deadline { get; init; }
}
