namespace Serverless.Data.Datasets;

/// <summary>A named collection of data whose versions the platform keeps.</summary>
public sealed record Dataset
{
    public required string Name { get; init; }

    public string? Description { get; init; }

    /// <summary>The number of the newest version, over all branches; numbers are never given twice.</summary>
    public int LastVersion { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }
}

/// <summary>One state of a dataset. It never changes.</summary>
public sealed record DatasetVersion
{
    public required int Number { get; init; }

    /// <summary>Of the content: with `.dir` for a folder.</summary>
    public required string Digest { get; init; }

    /// <summary>The version that it was made from; null for a branch's first.</summary>
    public int? Parent { get; init; }

    /// <summary>The branch that it was made on.</summary>
    public required string Branch { get; init; }

    /// <summary>Bytes of all files; null where nobody told.</summary>
    public long? Size { get; init; }

    public int? FileCount { get; init; }

    /// <summary>What the file was called that it is; null for a folder, and where nobody told.</summary>
    public string? File { get; init; }

    /// <summary>How many rows of data it holds; null where nobody told.</summary>
    public long? Rows { get; init; }

    public string? Message { get; init; }

    public string? By { get; init; }

    public required DateTimeOffset At { get; init; }

    /// <summary>The run that made it, if one did.</summary>
    public string? RunId { get; init; }

    /// <summary>The commit's own id: the same commit sent again is the same version.</summary>
    public string? CommitId { get; init; }
}

/// <summary>A line of versions that goes on.</summary>
public sealed record DatasetBranch(string Name, int Head, DateTimeOffset UpdatedAt);

/// <summary>A name for one version.</summary>
public sealed record DatasetTag(string Name, int Version, string? By, DateTimeOffset At);

/// <summary>A file of a version.</summary>
public sealed record DatasetFile(string Path, string Md5);

/// <summary>What is different between two versions, by path.</summary>
public sealed record DatasetDiff(
    IReadOnlyList<DatasetFile> Added,
    IReadOnlyList<DatasetFile> Removed,
    IReadOnlyList<DatasetFile> Modified,
    IReadOnlyList<DatasetRename> Renamed
);

/// <summary>The same content under another path.</summary>
public sealed record DatasetRename(string From, string To, string Md5);
