using System.Text.Json.Nodes;
using Serverless.Pipelines.Model;

namespace Serverless.Pipelines.Components;

/// <summary>The outputs of a component besides its files: small values for later tasks and conditions, and metrics.</summary>
public sealed class ComponentOutputs
{
    /// <summary>Gets the parameters for later tasks, such as `compare.promote` in a `when`.</summary>
    public JsonObject Values { get; init; } = [];

    /// <summary>Gets the metrics of the run.</summary>
    public Dictionary<string, double> Metrics { get; init; } = [];

    /// <summary>Gets the component's metadata of its files, by name.</summary>
    public Dictionary<string, ArtifactInfo> Artifacts { get; init; } = [];

    public static ComponentOutputs None => new();
}

/// <summary>The environment of a component.</summary>
public sealed class ComponentContext
{
    public required string Workspace { get; init; }

    public required string RunId { get; init; }

    public required string ExperimentId { get; init; }

    public required string Pipeline { get; init; }

    public required string TaskPath { get; init; }

    /// <summary>Gets the number of the attempt, from 1.</summary>
    public int Attempt { get; init; } = 1;

    /// <summary>Gets a folder for this attempt only, which is deleted when it ends.</summary>
    public required string ScratchDirectory { get; init; }

    /// <summary>Gets the writer of the task's log, which takes whole lines.</summary>
    public required TextWriter Log { get; init; }

    public required TimeProvider Time { get; init; }

    /// <summary>Gets the services that the host provides to components: the model registry, the content store.</summary>
    public required IServiceProvider Services { get; init; }
}
