namespace Serverless.Tracking.Experiments;

/// <summary>A group of runs. Runs of a pipeline are in the experiment with the pipeline's name.</summary>
public sealed record Experiment
{
    public const string DefaultId = "0";

    public required string Id { get; init; }

    public required string Name { get; init; }

    public required string ArtifactLocation { get; init; }

    public bool IsDeleted { get; init; }

    /// <summary>Gets the time in milliseconds since 1970.</summary>
    public long CreationTime { get; init; }

    public long LastUpdateTime { get; init; }

    public IReadOnlyDictionary<string, string> Tags { get; init; } = new Dictionary<string, string>();
}
