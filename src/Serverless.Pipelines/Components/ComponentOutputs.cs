using System.Text.Json.Nodes;
using Serverless.Pipelines.Model;

namespace Serverless.Pipelines.Components;

/// <summary>What a component gives out besides its files: small values that later tasks and conditions can use, and metrics.</summary>
public sealed class ComponentOutputs
{
    /// <summary>Parameters for later tasks: `compare.promote` in a `when`.</summary>
    public JsonObject Values { get; init; } = [];

    /// <summary>Metrics of the run.</summary>
    public Dictionary<string, double> Metrics { get; init; } = [];

    /// <summary>What it says of its files, by their names.</summary>
    public Dictionary<string, ArtifactInfo> Artifacts { get; init; } = [];

    public static ComponentOutputs None => new();
}

/// <summary>What a component may know of the world.</summary>
public sealed class ComponentContext
{
    public required string Workspace { get; init; }

    public required string RunId { get; init; }

    public required string ExperimentId { get; init; }

    public required string Pipeline { get; init; }

    public required string TaskPath { get; init; }

    /// <summary>1 for the first.</summary>
    public int Attempt { get; init; } = 1;

    /// <summary>A folder of this attempt alone, gone when it ends.</summary>
    public required string ScratchDirectory { get; init; }

    /// <summary>The task's log: whole lines.</summary>
    public required TextWriter Log { get; init; }

    public required TimeProvider Time { get; init; }

    /// <summary>What the host lends to components: the model registry, the content store.</summary>
    public required IServiceProvider Services { get; init; }
}
