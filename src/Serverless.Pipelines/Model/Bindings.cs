using System.Text.Json;
using System.Text.Json.Serialization;

namespace Serverless.Pipelines.Model;

/// <summary>Where a parameter's value comes from.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(Constant), "constant")]
[JsonDerivedType(typeof(TaskOutput), "taskOutput")]
[JsonDerivedType(typeof(GraphInput), "graphInput")]
[JsonDerivedType(typeof(Item), "item")]
[JsonDerivedType(typeof(TaskStatus), "taskStatus")]
[JsonDerivedType(typeof(Concat), "concat")]
public abstract record ParameterBinding
{
    /// <summary>A key path into the value (Kubeflow's parameterExpressionSelector), e.g. `a.b`. Text is read as JSON first.</summary>
    public string? Selector { get; init; }

    public sealed record Constant(JsonElement Value) : ParameterBinding;

    /// <summary>A parameter that an earlier task gave out.</summary>
    public sealed record TaskOutput(string Task, string Output) : ParameterBinding;

    /// <summary>A parameter of the graph that the task is in: of the nested graph, or of the whole run.</summary>
    public sealed record GraphInput(string Name) : ParameterBinding;

    /// <summary>The loop's current item.</summary>
    public sealed record Item : ParameterBinding;

    /// <summary>The final status of another task, for a task that runs whatever happened.</summary>
    public sealed record TaskStatus(string Task) : ParameterBinding;

    /// <summary>Text put together from values: `lr={{$.inputs.parameters['x']}}` in a constant. What has no value adds nothing.</summary>
    public sealed record Concat(IReadOnlyList<ParameterBinding> Parts) : ParameterBinding;
}

/// <summary>Where an artifact comes from.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(Source), "source")]
[JsonDerivedType(typeof(TaskOutput), "taskOutput")]
[JsonDerivedType(typeof(GraphInput), "graphInput")]
public abstract record ArtifactBinding
{
    /// <summary>
    /// A file or folder of the workspace, by its path from the pipeline's folder; its digest is fixed when the run is submitted.
    /// </summary>
    public sealed record Source(string Path) : ArtifactBinding;

    /// <summary>An earlier task's artifact; with <paramref name="SubPath"/> a file inside a folder that it wrote.</summary>
    public sealed record TaskOutput(string Task, string Output, string? SubPath = null) : ArtifactBinding;

    public sealed record GraphInput(string Name) : ArtifactBinding;
}

/// <summary>An artifact that a task reads.</summary>
public sealed record ArtifactInput
{
    /// <summary>The path, from the pipeline's folder, where the task finds it; it is also its name.</summary>
    public required string Path { get; init; }

    public required ArtifactBinding From { get; init; }

    /// <summary>False: it is staged, but does not count in the cache key (a params file: only the named values count).</summary>
    public bool InCacheKey { get; init; } = true;

    /// <summary>True: a source that is not there is no error.</summary>
    public bool IsOptional { get; init; }

    /// <summary>
    /// True: as many artifacts as there are (those of a loop's items, say), which the task finds at `path/0`, `path/1`, ….
    /// </summary>
    public bool IsList { get; init; }
}

/// <summary>An artifact that a task writes.</summary>
public sealed record ArtifactOutput
{
    /// <summary>The path, from the pipeline's folder, where the task leaves it; it is also its name.</summary>
    public required string Path { get; init; }

    public ArtifactKind Kind { get; init; }

    /// <summary>dvc.yaml's `cache`: false for what the user keeps in git. It is stored all the same.</summary>
    public bool Cache { get; init; } = true;

    /// <summary>dvc.yaml's `persist`: the previous output is there when the task starts.</summary>
    public bool Persist { get; init; }

    public string? Description { get; init; }

    /// <summary>What it is, by the name that the format has for it (`system.Model`); null if it has none.</summary>
    public string? Type { get; init; }

    /// <summary>What is said of it from the start; null for nothing.</summary>
    public IReadOnlyDictionary<string, JsonElement>? Metadata { get; init; }
}

/// <summary>What is known of an artifact besides its content.</summary>
/// <param name="Type">`system.Model`, say.</param>
/// <param name="Uri">Where it lies, if that is not the content store.</param>
/// <param name="Metadata">Whatever its maker says of it.</param>
public sealed record ArtifactInfo(string? Type, string? Uri, IReadOnlyDictionary<string, JsonElement>? Metadata = null);

public enum ArtifactKind
{
    Output,

    /// <summary>A JSON, YAML or TOML file of numbers: each becomes a metric of the run.</summary>
    Metric,

    Plot,
}
