namespace Serverless.Pipelines.Components;

/// <summary>
/// Names a C# component for `uses:`. Increase the version if the same parameters and inputs give another result, which invalidates the
/// cache.
/// </summary>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class ComponentAttribute(string name) : Attribute
{
    public string Name { get; } = name;

    public int Version { get; init; } = 1;

    public string Description { get; init; } = "";
}

/// <summary>
/// A component that runs in the worker. Its parameters are the properties of <typeparamref name="TParameters"/>, a class or record with a
/// parameterless constructor: snake_case names in the file; `required` ones are mandatory; <see cref="InputPath"/>, <see
/// cref="InputPaths"/> and <see cref="OutputPath"/> are artifacts, everything else JSON values. Validation attributes of
/// System.ComponentModel.DataAnnotations are checked before a run starts.
/// </summary>
public abstract class Component<TParameters>
    where TParameters : class
{
    public abstract Task<ComponentOutputs> RunAsync(TParameters parameters, ComponentContext context, CancellationToken cancellationToken);

    /// <summary>
    /// Called before a recorded result is taken from the cache. A component whose result depends on more than its inputs (for example, the
    /// registry) returns whether the recorded outputs are still valid.
    /// </summary>
    public virtual Task<bool> StillHoldsAsync(
        TParameters parameters,
        ComponentOutputs recorded,
        ComponentContext context,
        CancellationToken cancellationToken
    ) => Task.FromResult(true);
}

/// <summary>A file or folder that the component reads. In the pipeline file: its path, which also becomes a dep.</summary>
/// <param name="Path">Its location while the component runs.</param>
/// <param name="Name">The path in the pipeline file.</param>
/// <param name="Digest">The digest of its content, which ends in `.dir` for a folder.</param>
public sealed record InputPath(string Path, string Name, string Digest);

/// <summary>Several files or folders, in the order of the file.</summary>
public sealed class InputPaths(IReadOnlyList<InputPath> items) : List<InputPath>(items);

/// <summary>A file or folder that the component writes. In the pipeline file: its path, which also becomes an out.</summary>
public sealed record OutputPath(string Path, string Name);

/// <summary>Marks an <see cref="OutputPath"/> as a metrics file: a JSON object of numbers, which become metrics of the run.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class MetricsFileAttribute : Attribute;
