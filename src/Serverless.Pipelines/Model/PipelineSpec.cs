using System.Text.Json;

namespace Serverless.Pipelines.Model;

/// <summary>
/// A pipeline as it is run: a graph of tasks. It is read from dvc.yaml (and Kubeflow's IR), snapshotted by digest when a run
/// is submitted, and never changes afterwards.
/// </summary>
public sealed record PipelineSpec
{
    public required string Name { get; init; }

    public string? Description { get; init; }

    public required GraphSpec Graph { get; init; }

    /// <summary>Values given from outside (params.yaml, a Kubeflow run's arguments), for conditions (`params.x`) and the record.</summary>
    public IReadOnlyDictionary<string, JsonElement> Parameters { get; init; } = new Dictionary<string, JsonElement>();

    /// <summary>What those values must be, where the format says so: types, defaults, what may be left out.</summary>
    public IReadOnlyDictionary<string, ParameterSpec> Accepts { get; init; } = new Dictionary<string, ParameterSpec>();

    /// <summary>What is allowed, but probably not meant: shown when the pipeline is submitted.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];
}

/// <summary>A graph: the whole pipeline, or the body of a task that is itself a graph.</summary>
public sealed record GraphSpec
{
    public required IReadOnlyList<TaskSpec> Tasks { get; init; }

    /// <summary>
    /// Outputs of a nested graph: name → the inner task outputs it comes from; the first that ran wins (Kubeflow's OneOf).
    /// </summary>
    public IReadOnlyDictionary<string, IReadOnlyList<OutputRef>> Outputs { get; init; } =
        new Dictionary<string, IReadOnlyList<OutputRef>>();

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

    /// <summary>The component's parameters, by name.</summary>
    public IReadOnlyDictionary<string, ParameterBinding> Parameters { get; init; } = new Dictionary<string, ParameterBinding>();

    /// <summary>What the component's parameters must be, where the format says so. A C# component says it itself.</summary>
    public IReadOnlyDictionary<string, ParameterSpec> Accepts { get; init; } = new Dictionary<string, ParameterSpec>();

    /// <summary>Values that count in the cache key and are recorded as the run's params, but that the component does not receive
    /// (dvc.yaml's `params`: the command reads them from the file itself).</summary>
    public IReadOnlyDictionary<string, JsonElement> Tracked { get; init; } = new Dictionary<string, JsonElement>();

    /// <summary>Artifacts that the task reads.</summary>
    public IReadOnlyList<ArtifactInput> Inputs { get; init; } = [];

    /// <summary>Artifacts that the task writes.</summary>
    public IReadOnlyList<ArtifactOutput> Outputs { get; init; } = [];

    /// <summary>Tasks to wait for that hand over nothing.</summary>
    public IReadOnlyList<string> DependsOn { get; init; } = [];

    /// <summary>
    /// The task runs only if this holds; otherwise it is Skipped, with all that depends on it. Syntax: <see cref="Condition"/>.
    /// </summary>
    public string? When { get; init; }

    /// <summary>
    /// True: the task runs once all others of its graph have ended, whatever happened (dvc.yaml's `finally`, Kubeflow's exit handler).
    /// </summary>
    public bool Finally { get; init; }

    /// <summary>True: the task runs once what it depends on has ended, well or not (Kubeflow's ALL_UPSTREAM_TASKS_COMPLETED). Others may
    /// depend on it, and a cancelled run does not start it.</summary>
    public bool IgnoreUpstreamFailure { get; init; }

    /// <summary>Runs the task once for each item of a list, which may be known only at run time.</summary>
    public LoopSpec? Loop { get; init; }

    public RetrySpec? Retry { get; init; }

    /// <summary>Time for one attempt, after which its whole process tree is killed.</summary>
    public TimeSpan? Timeout { get; init; }

    public ApprovalSpec? Approval { get; init; }

    public ResourceSpec? Resources { get; init; }

    /// <summary>What only a container platform gives to the task.</summary>
    public PlatformSpec? Platform { get; init; }

    /// <summary>Never take this task's result from the cache.</summary>
    public bool AlwaysChanged { get; init; }

    /// <summary>The author's own name for the result; it takes the place of everything that the cache key is made of.</summary>
    public string? CacheKey { get; init; }
}

/// <summary>One run of the task for each item; item and position are bound by <see cref="ParameterBinding.Item"/>.</summary>
public sealed record LoopSpec
{
    public required ParameterBinding Items { get; init; }

    /// <summary>How many items run at a time; 0 for no limit but the run's own.</summary>
    public int Parallelism { get; init; }
}

/// <summary>How often an attempt is made, and how long to wait between. Of a nested graph, an attempt is the whole graph.</summary>
public sealed record RetrySpec
{
    /// <summary>All attempts, the first included.</summary>
    public required int Attempts { get; init; }

    public TimeSpan Backoff { get; init; } = TimeSpan.FromSeconds(1);

    public double Factor { get; init; } = 2;

    public TimeSpan MaxBackoff { get; init; } = TimeSpan.FromHours(1);
}

/// <summary>The task waits until somebody approves; with a deadline, no answer is a no.</summary>
public sealed record ApprovalSpec
{
    public string? Message { get; init; }

    /// <summary>The role that may approve; null for anybody who may write to the workspace.</summary>
    public string? Role { get; init; }

    public TimeSpan? Deadline { get; init; }
}
