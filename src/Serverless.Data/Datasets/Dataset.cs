namespace Serverless.Data.Datasets;

/// <summary>A named collection of data with versions.</summary>
public sealed record Dataset
{
    public required string Name { get; init; }

    public string? Description { get; init; }

    /// <summary>Gets the number of the newest version across all branches. Numbers are never reused.</summary>
    public int LastVersion { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }
}

/// <summary>An immutable state of a dataset.</summary>
public sealed record DatasetVersion
{
    public required int Number { get; init; }

    /// <summary>Gets the digest of the content, which ends in `.dir` for a folder.</summary>
    public required string Digest { get; init; }

    /// <summary>Gets the parent version, or null for the first version of a branch.</summary>
    public int? Parent { get; init; }

    /// <summary>Gets the branch that the version was committed to.</summary>
    public required string Branch { get; init; }

    /// <summary>Gets the total size of all files in bytes, or null if unknown.</summary>
    public long? Size { get; init; }

    public int? FileCount { get; init; }

    /// <summary>Gets the original file name of a single file; null for a folder, or if unknown.</summary>
    public string? File { get; init; }

    /// <summary>Gets the number of data rows, or null if unknown.</summary>
    public long? Rows { get; init; }

    public string? Message { get; init; }

    public string? By { get; init; }

    public required DateTimeOffset At { get; init; }

    /// <summary>Gets the run that produced the version, if any.</summary>
    public string? RunId { get; init; }

    /// <summary>Gets the id of the commit. Sending the same commit again returns the same version.</summary>
    public string? CommitId { get; init; }
}

/// <summary>A movable line of versions.</summary>
public sealed record DatasetBranch(string Name, int Head, DateTimeOffset UpdatedAt);

/// <summary>A name for one version.</summary>
public sealed record DatasetTag(string Name, int Version, string? By, DateTimeOffset At);

/// <summary>A file of a version.</summary>
public sealed record DatasetFile(string Path, string Md5);

/// <summary>The differences between two versions, by path.</summary>
public sealed record DatasetDiff(
    IReadOnlyList<DatasetFile> Added,
    IReadOnlyList<DatasetFile> Removed,
    IReadOnlyList<DatasetFile> Modified,
    IReadOnlyList<DatasetRename> Renamed
);

/// <summary>The same content under another path.</summary>
public sealed record DatasetRename(string From, string To, string Md5);
