using System.Security.Cryptography;
using System.Text.Json;
using Serverless.Pipelines.Orchestration;
using Serverless.Storage.Content;

namespace Serverless.Pipelines.Components;

public enum ParameterKind
{
    Value,
    Input,
    Inputs,
    Output,
    Metrics,
}

/// <summary>A component's parameter, as used in pipeline files.</summary>
public sealed record ParameterDescriptor(string Name, ParameterKind Kind, bool IsRequired, string TypeName, string Description);

/// <summary>A component, as used in pipeline files.</summary>
public abstract class ComponentDescriptor
{
    public abstract string Name { get; }

    public abstract string Description { get; }

    public abstract IReadOnlyList<ParameterDescriptor> Parameters { get; }

    /// <summary>Gets the name, version and code of the component, which its results depend on besides parameters and inputs.</summary>
    public abstract string Identity { get; }

    /// <summary>Returns what is wrong with a value (wrong type, out of range), or null.</summary>
    public abstract string? CheckValue(string parameter, JsonElement value);

    public abstract Task<ComponentOutputs> RunAsync(
        IReadOnlyDictionary<string, JsonElement> parameters,
        ArtifactPaths artifacts,
        ComponentContext context,
        CancellationToken cancellationToken
    );

    public abstract Task<bool> StillHoldsAsync(
        IReadOnlyDictionary<string, JsonElement> parameters,
        ArtifactPaths artifacts,
        ComponentOutputs recorded,
        ComponentContext context,
        CancellationToken cancellationToken
    );
}

/// <summary>Resolves the paths in a pipeline file to their locations while a component runs.</summary>
public abstract class ArtifactPaths
{
    public abstract InputPath Input(string name);

    public abstract OutputPath Output(string name);

    /// <summary>
    /// Returns the digest of the content at a path. A folder with several tasks' outputs is several inputs: its digest is that of their
    /// paths and digests in order, so it changes when any of them does. Empty if nothing was staged.
    /// </summary>
    internal static string DigestOf(string name, IEnumerable<StagedInput> inputs)
    {
        var folder = name.TrimEnd('/');
        var below = new List<StagedInput>();
        foreach (var input in inputs)
        {
            if (input.Path == folder)
            {
                return input.Content.Digest;
            }

            if (folder is "" or "." || input.Path.StartsWith(folder + "/", StringComparison.Ordinal))
            {
                below.Add(input);
            }
        }

        return below.Count == 0
            ? ""
            : Convert.ToHexStringLower(
                MD5.HashData(DirectoryObject.Serialize(below.Select(i => new DirectoryEntry(i.Path, i.Content.Digest))))
            ) + ContentRef.DirectorySuffix;
    }
}
