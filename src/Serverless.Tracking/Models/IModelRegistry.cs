namespace Serverless.Tracking;

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
    public required string Name { get; init; }

    public required int Version { get; init; }

    public Stage Stage { get; init; }

    /// <summary>Digest of the model folder; ends in `.dir`.</summary>
    public required string Digest { get; init; }

    /// <summary>Where the model folder lies, as a URI.</summary>
    public required string Source { get; init; }

    public string? RunId { get; init; }

    public string? Description { get; init; }

    /// <summary>Digest of the Model Card, the README.md of the model folder.</summary>
    public string? CardDigest { get; init; }

    public IReadOnlyDictionary<string, string> Tags { get; init; } = new Dictionary<string, string>();

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset UpdatedAt { get; init; }
}

/// <summary>A model folder that shall become a version.</summary>
public sealed record RegisterRequest
{
    public required string Name { get; init; }

    /// <summary>The model folder on this machine.</summary>
    public required string ModelDirectory { get; init; }

    public string? RunId { get; init; }

    /// <summary>The same name and request id give the same version, however often it is asked for.</summary>
    public required string RequestId { get; init; }

    public string? Description { get; init; }

    public IReadOnlyDictionary<string, string> Tags { get; init; } = new Dictionary<string, string>();
}

/// <summary>A version that shall stand elsewhere, with who wants it and why.</summary>
public sealed record TransitionRequest
{
    public required string Name { get; init; }

    public required int Version { get; init; }

    public required Stage Stage { get; init; }

    /// <summary>Every other version of that stage becomes Archived in the same write.</summary>
    public bool ArchiveExisting { get; init; }

    public required string By { get; init; }

    public string? Why { get; init; }
}

/// <summary>The model registry, as components use it.</summary>
public interface IModelRegistry
{
    Task<ModelVersion?> FindVersionAsync(string name, int version, CancellationToken cancellationToken);

    Task<ModelVersion?> FindByDigestAsync(string name, string digest, CancellationToken cancellationToken);

    /// <summary>The newest version of a stage; the champion is the one of Production.</summary>
    Task<ModelVersion?> GetLatestAsync(string name, Stage stage, CancellationToken cancellationToken);

    /// <summary>Stores the folder and makes a version of it; idempotent by name and request id.</summary>
    Task<ModelVersion> RegisterAsync(RegisterRequest request, CancellationToken cancellationToken);

    /// <summary>Idempotent: a version that stands there already stays as it is.</summary>
    Task<ModelVersion> TransitionStageAsync(TransitionRequest request, CancellationToken cancellationToken);

    /// <summary>Writes the model folder of a version into a directory.</summary>
    Task DownloadAsync(ModelVersion version, string directory, CancellationToken cancellationToken);
}
