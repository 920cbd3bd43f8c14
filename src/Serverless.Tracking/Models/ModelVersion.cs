using System.Text.Json.Serialization;

namespace Serverless.Tracking.Models;

/// <summary>Where a model version stands.</summary>
public enum Stage
{
    None,
    Staging,
    Production,
    Archived,
}

/// <summary>One registered version of a model.</summary>
public sealed record ModelVersion
{
    /// <summary>The name of its model, as it is now: what a row holds is the name of the time it was written.</summary>
    public required string Name { get; init; }

    public required int Version { get; init; }

    public Stage Stage { get; init; }

    /// <summary>Digest of the model folder; ends in `.dir`. Empty if a client registered the version by its source alone.</summary>
    public string Digest { get; init; } = "";

    /// <summary>Where the model folder lies, as a URI.</summary>
    public required string Source { get; init; }

    /// <summary>Where the source leads to, if it names another version (`models:/churn/3`).</summary>
    public string? Location { get; init; }

    /// <summary>The logged model that it was made of.</summary>
    public string? ModelId { get; init; }

    public string? RunId { get; init; }

    public string? RunLink { get; init; }

    public string? Description { get; init; }

    /// <summary>Digest of the Model Card, the README.md of the model folder.</summary>
    public string? CardDigest { get; init; }

    public IReadOnlyDictionary<string, string> Tags { get; init; } = new Dictionary<string, string>();

    public string? CreatedBy { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset UpdatedAt { get; init; }

    /// <summary>When it was deleted, softly: its row stays until it is collected, its number is never used again.</summary>
    public DateTimeOffset? DeletedAt { get; init; }

    /// <summary>The URI to load it from.</summary>
    [JsonIgnore]
    public string DownloadUri => Location ?? Source;
}
