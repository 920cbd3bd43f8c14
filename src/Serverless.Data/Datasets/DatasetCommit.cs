namespace Serverless.Data.Datasets;

/// <summary>A file that a commit adds or replaces; its content is in the store already.</summary>
public sealed record CommittedFile(string Path, string Md5, long? Size = null);

/// <summary>One step from a version to the next: all of it comes to be, or nothing.</summary>
public sealed record DatasetCommit
{
    public string Branch { get; init; } = DatasetCatalog.MainBranch;

    /// <summary>The branch's newest version as the committer knows it; null where the branch is to begin.</summary>
    public int? Parent { get; init; }

    /// <summary>Files that are added or replaced.</summary>
    public IReadOnlyList<CommittedFile> Add { get; init; } = [];

    /// <summary>Paths that go: of a file, or of a folder with everything below.</summary>
    public IReadOnlyList<string> Remove { get; init; } = [];

    /// <summary>Instead of changes: the whole content, by its digest.</summary>
    public string? Digest { get; init; }

    public long? Size { get; init; }

    /// <summary>Of a content that is one file: what it is called.</summary>
    public string? File { get; init; }

    /// <summary>How many rows of data the content holds, if it is known.</summary>
    public long? Rows { get; init; }

    public string? Message { get; init; }

    public string? By { get; init; }

    public string? RunId { get; init; }

    /// <summary>Chosen by the committer: sent again, it answers with the version that it made.</summary>
    public string? CommitId { get; init; }
}
