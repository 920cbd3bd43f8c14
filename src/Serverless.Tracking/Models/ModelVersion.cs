using System.Text.Json.Serialization;

namespace Serverless.Tracking.Models;

/// <summary>The stage of a model version.</summary>
public enum Stage
{
    None,
    Staging,
    Production,
    Archived,
}

/// <summary>A registered version of a model.</summary>
public sealed record ModelVersion
{
    /// <summary>Gets the current name of its model. The row contains the name at the time of writing.</summary>
    public required string Name { get; init; }

    public required int Version { get; init; }

    public Stage Stage { get; init; }

    /// <summary>
    /// Gets the digest of the model folder, which ends in `.dir`. Empty if a client registered the version by source only.
    /// </summary>
    public string Digest { get; init; } = "";

    /// <summary>Gets the location of the model folder as a URI.</summary>
    public required string Source { get; init; }

    /// <summary>Gets the location that the source resolves to, if it refers to another version (`models:/churn/3`).</summary>
    public string? Location { get; init; }

    /// <summary>Gets the logged model that the version was created from.</summary>
    public string? ModelId { get; init; }

    public string? RunId { get; init; }

    public string? RunLink { get; init; }

    public string? Description { get; init; }

    /// <summary>Gets the digest of the Model Card, the README.md of the model folder.</summary>
    public string? CardDigest { get; init; }

    public IReadOnlyDictionary<string, string> Tags { get; init; } = new Dictionary<string, string>();

    public string? CreatedBy { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset UpdatedAt { get; init; }

    /// <summary>Gets the time of the soft deletion. The row stays until it is collected; its number is never reused.</summary>
    public DateTimeOffset? DeletedAt { get; init; }

    /// <summary>Gets the URI to load the version from.</summary>
    [JsonIgnore]
    public string DownloadUri => Location ?? Source;
}
