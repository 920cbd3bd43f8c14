using Serverless.Core;

namespace Serverless.Tracking.Models;

/// <summary>The author of a change, as named in the registry's history.</summary>
/// <param name="Pipeline">Set by the engine only: the pipeline of the calling task.</param>
public sealed record Actor(string Name, string? Pipeline = null)
{
    /// <summary>An unidentified caller.</summary>
    public static Actor Anonymous { get; } = new("anonymous");
}

/// <summary>A request to register a model folder as a version.</summary>
public sealed record RegisterRequest
{
    public required string Name { get; init; }

    /// <summary>Gets the local model folder.</summary>
    public required string ModelDirectory { get; init; }

    public string? RunId { get; init; }

    /// <summary>Gets the request id. The same name and request id return the same version, however often they are sent.</summary>
    public required string RequestId { get; init; }

    public string? Description { get; init; }

    public IReadOnlyDictionary<string, string> Tags { get; init; } = new Dictionary<string, string>();
}

/// <summary>A request to register a source as a version. Nothing is copied.</summary>
public sealed record CreateVersionRequest
{
    public required string Name { get; init; }

    public required string Source { get; init; }

    /// <summary>Gets the location that the source resolves to, if the caller knows it.</summary>
    public string? Location { get; init; }

    /// <summary>Set if a request may be repeated because its response was lost.</summary>
    public UnansweredRequest? Unanswered { get; init; }

    /// <summary>Gets the logged model that the version is created from.</summary>
    public string? ModelId { get; init; }

    public string? RunId { get; init; }

    public string? RunLink { get; init; }

    public string? Description { get; init; }

    public IReadOnlyDictionary<string, string> Tags { get; init; } = new Dictionary<string, string>();
}

/// <summary>
/// What is needed to recognise a request that comes again because its answer was lost: a marker, written with the version and removed
/// once the answer was sent. A marker that is still there, of the same request, means that nobody was told.
/// </summary>
/// <param name="Fingerprint">Identical for identical requests of the same caller.</param>
public sealed record UnansweredRequest(string Fingerprint)
{
    /// <summary>The time after which nobody retries a request.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(10);

    /// <summary>Distinguishes requests with the same fingerprint.</summary>
    public string Token { get; } = Ids.NewId();

    /// <summary>Gets a value that is false if the existing marker belongs to another unanswered request.</summary>
    internal bool OwnsMarker { get; set; } = true;
}

/// <summary>A request to move a version to another stage, with its author and reason.</summary>
public sealed record TransitionRequest
{
    public required string Name { get; init; }

    public required int Version { get; init; }

    public required Stage Stage { get; init; }

    /// <summary>Gets a value that indicates whether every other version in that stage is archived in the same transaction.</summary>
    public bool ArchiveExisting { get; init; }

    public required string By { get; init; }

    /// <summary>Gets the pipeline of the calling task, which a guarded model may accept.</summary>
    public string? Pipeline { get; init; }

    public string? Why { get; init; }
}
