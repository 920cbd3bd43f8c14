namespace Serverless.Storage;

/// <summary>Where blobs and tables are. The local default needs no configuration at all.</summary>
public sealed record StorageOptions
{
    /// <summary>A storage account's connection string; Azurite's by default.</summary>
    public string ConnectionString { get; init; } = "UseDevelopmentStorage=true";

    /// <summary>A storage account without keys: where its blobs are, with the identity of this process. It takes the place of the
    /// connection string.</summary>
    public Uri? BlobServiceUri { get; init; }

    /// <summary>Where its tables are.</summary>
    public Uri? TableServiceUri { get; init; }

    /// <summary>Which user-assigned identity to be; null for whatever this machine offers (a system's identity, a developer's login).</summary>
    public string? ClientId { get; init; }

    /// <summary>The isolated workspace: the first part of every partition key and of every blob's name.</summary>
    public string Workspace { get; init; } = "default";

    /// <summary>How long a call goes on trying while the store does not answer: long enough for a restart of it.</summary>
    public TimeSpan OutageTolerance { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Every problem of these options at once.</summary>
    public IReadOnlyList<Diagnostic> Validate()
    {
        var found = new List<Diagnostic>();
        if ((BlobServiceUri is null) != (TableServiceUri is null))
        {
            found.Add(new Diagnostic(
                "AzureWebJobsStorage", 0, "Of an account without keys, only one of blobServiceUri and tableServiceUri is set.", "Set both, or accountName alone."));
        }

        if (BlobServiceUri is null && string.IsNullOrWhiteSpace(ConnectionString))
        {
            found.Add(new Diagnostic("AzureWebJobsStorage", 0, "The connection string is empty.", "Leave the setting out to use Azurite on this machine."));
        }

        if (Workspace.Length is 0 or > 60 || !Workspace.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-'))
        {
            found.Add(new Diagnostic("workspace", 0, $"'{Workspace}' is not a workspace name.", "Use 1 to 60 lower-case letters, digits and '-'."));
        }

        if (OutageTolerance <= TimeSpan.Zero)
        {
            found.Add(new Diagnostic("outageTolerance", 0, "The time must be positive.", "Two minutes is the default."));
        }

        return found;
    }
}
