namespace Serverless.Tracking;

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

    /// <summary>The logged model that the version is made of.</summary>
    public string? ModelId { get; init; }

    public string? RunId { get; init; }

    public string? RunLink { get; init; }

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

    /// <summary>The pipeline whose task asks; a guarded model may let it pass.</summary>
    public string? Pipeline { get; init; }

    public string? Why { get; init; }
}
