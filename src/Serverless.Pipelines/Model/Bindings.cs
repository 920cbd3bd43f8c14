using System.Text.Json;
using System.Text.Json.Serialization;

namespace Serverless.Pipelines.Model;

/// <summary>The source of a parameter's value.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(Constant), "constant")]
[JsonDerivedType(typeof(TaskOutput), "taskOutput")]
[JsonDerivedType(typeof(GraphInput), "graphInput")]
[JsonDerivedType(typeof(Item), "item")]
[JsonDerivedType(typeof(TaskStatus), "taskStatus")]
[JsonDerivedType(typeof(Concat), "concat")]
public abstract record ParameterBinding
{
    /// <summary>
    /// Gets a key path into the value (Kubeflow's parameterExpressionSelector), e.g. `a.b`. Text is parsed as JSON first.
    /// </summary>
    public string? Selector { get; init; }

    public sealed record Constant(JsonElement Value) : ParameterBinding;

    /// <summary>An output parameter of an earlier task.</summary>
    public sealed record TaskOutput(string Task, string Output) : ParameterBinding;

    /// <summary>A parameter of the enclosing graph: of the nested graph, or of the whole run.</summary>
    public sealed record GraphInput(string Name) : ParameterBinding;

    /// <summary>The current item of the loop.</summary>
    public sealed record Item : ParameterBinding;

    /// <summary>The final status of another task, for a task that runs in any case.</summary>
    public sealed record TaskStatus(string Task) : ParameterBinding;

    /// <summary>Text composed of values: `lr={{$.inputs.parameters['x']}}` in a constant. Missing values add nothing.</summary>
    public sealed record Concat(IReadOnlyList<ParameterBinding> Parts) : ParameterBinding;
}

/// <summary>The source of an artifact.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(Source), "source")]
[JsonDerivedType(typeof(TaskOutput), "taskOutput")]
[JsonDerivedType(typeof(GraphInput), "graphInput")]
public abstract record ArtifactBinding
{
    /// <summary>
    /// A file or folder of the workspace, by its path from the pipeline's folder. Its digest is fixed when the run is submitted.
    /// </summary>
    public sealed record Source(string Path) : ArtifactBinding;

    /// <summary>An earlier task's artifact; with <paramref name="SubPath"/>, a file inside a folder that it wrote.</summary>
    public sealed record TaskOutput(string Task, string Output, string? SubPath = null) : ArtifactBinding;

    public sealed record GraphInput(string Name) : ArtifactBinding;
}

/// <summary>An input artifact of a task.</summary>
public sealed record ArtifactInput
{
    /// <summary>Gets the path, relative to the pipeline's folder, where the task finds it. It is also its name.</summary>
    public required string Path { get; init; }

    public required ArtifactBinding From { get; init; }

    /// <summary>Gets whether it counts in the cache key. A params file is staged but does not: only the listed values count.</summary>
    public bool InCacheKey { get; init; } = true;

    /// <summary>Gets whether a missing source is acceptable.</summary>
    public bool IsOptional { get; init; }

    /// <summary>
    /// Gets whether it is a list of any length (of a loop's items, for example), which the task finds at `path/0`, `path/1`, ….
    /// </summary>
    public bool IsList { get; init; }
}

/// <summary>An output artifact of a task.</summary>
public sealed record ArtifactOutput
{
    /// <summary>Gets the path, relative to the pipeline's folder, where the task writes it. It is also its name.</summary>
    public required string Path { get; init; }

    public ArtifactKind Kind { get; init; }

    /// <summary>Gets dvc.yaml's `cache`: false for content that the user keeps in git. It is stored nevertheless.</summary>
    public bool Cache { get; init; } = true;

    /// <summary>Gets dvc.yaml's `persist`: whether the previous output exists when the task starts.</summary>
    public bool Persist { get; init; }

    public string? Description { get; init; }

    /// <summary>Gets the format's name of the artifact type (`system.Model`), or null.</summary>
    public string? Type { get; init; }

    /// <summary>Gets the initial metadata, or null.</summary>
    public IReadOnlyDictionary<string, JsonElement>? Metadata { get; init; }
}

/// <summary>The properties of an artifact besides its content.</summary>
/// <param name="Type">The type, such as `system.Model`.</param>
/// <param name="Uri">The location, if it is not in the content store.</param>
/// <param name="Metadata">Any metadata from the producer.</param>
public sealed record ArtifactInfo(string? Type, string? Uri, IReadOnlyDictionary<string, JsonElement>? Metadata = null);

public enum ArtifactKind
{
    Output,

    /// <summary>A JSON, YAML or TOML file of numbers: each becomes a metric of the run.</summary>
    Metric,

    Plot,
}
