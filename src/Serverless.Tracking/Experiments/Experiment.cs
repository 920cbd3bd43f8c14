namespace Serverless.Tracking.Experiments;

/// <summary>An experiment: runs that belong together. A pipeline's runs are in the experiment of its name.</summary>
public sealed record Experiment
{
    public const string DefaultId = "0";

    public required string Id { get; init; }

    public required string Name { get; init; }

    public required string ArtifactLocation { get; init; }

    public bool IsDeleted { get; init; }

    /// <summary>Milliseconds since 1970.</summary>
    public long CreationTime { get; init; }

    public long LastUpdateTime { get; init; }

    public IReadOnlyDictionary<string, string> Tags { get; init; } = new Dictionary<string, string>();
}
