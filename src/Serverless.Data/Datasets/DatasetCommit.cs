namespace Serverless.Data.Datasets;

/// <summary>A file that a commit adds or replaces. Its content is already in the store.</summary>
public sealed record CommittedFile(string Path, string Md5, long? Size = null);

/// <summary>An atomic step from one version to the next.</summary>
public sealed record DatasetCommit
{
    public string Branch { get; init; } = DatasetCatalog.MainBranch;

    /// <summary>Gets the branch's newest version as the committer knows it, or null to create the branch.</summary>
    public int? Parent { get; init; }

    /// <summary>Gets the files to add or replace.</summary>
    public IReadOnlyList<CommittedFile> Add { get; init; } = [];

    /// <summary>Gets the paths to remove: files, or folders with everything in them.</summary>
    public IReadOnlyList<string> Remove { get; init; } = [];

    /// <summary>Gets the digest of the whole content, as an alternative to changes.</summary>
    public string? Digest { get; init; }

    public long? Size { get; init; }

    /// <summary>Gets the file name, if the content is a single file.</summary>
    public string? File { get; init; }

    /// <summary>Gets the number of data rows, if known.</summary>
    public long? Rows { get; init; }

    public string? Message { get; init; }

    public string? By { get; init; }

    public string? RunId { get; init; }

    /// <summary>Gets an id chosen by the committer. Sending the same id again returns the version that it created.</summary>
    public string? CommitId { get; init; }
}
