using Serverless.Core;

namespace Serverless.Tracking.Models;

/// <summary>Who changes something, as the registry's history names them.</summary>
/// <param name="Pipeline">Set by the engine alone: the pipeline whose task asks.</param>
public sealed record Actor(string Name, string? Pipeline = null)
{
    /// <summary>Nobody said who they are.</summary>
    public static Actor Anonymous { get; } = new("anonymous");
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

/// <summary>A source that shall become a version; nothing is copied.</summary>
public sealed record CreateVersionRequest
{
    public required string Name { get; init; }

    public required string Source { get; init; }

    /// <summary>Where the source leads to, if whoever asks knows it already.</summary>
    public string? Location { get; init; }

    /// <summary>Set where a request may come again without its answer having arrived.</summary>
    public UnansweredRequest? Unanswered { get; init; }

    /// <summary>The logged model that the version is made of.</summary>
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
/// <param name="Fingerprint">The same for the same request of the same caller.</param>
public sealed record UnansweredRequest(string Fingerprint)
{
    /// <summary>After so long nobody sends a request again.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(10);

    /// <summary>Tells requests of the same fingerprint apart.</summary>
    public string Token { get; } = Ids.NewId();

    /// <summary>False if the marker there is another request's, which is still to be answered.</summary>
    internal bool OwnsMarker { get; set; } = true;
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

    /// <summary>The pipeline whose task asks; a guarded model may let it pass.</summary>
    public string? Pipeline { get; init; }

    public string? Why { get; init; }
}
