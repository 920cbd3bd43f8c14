using Serverless.Storage.Artifacts;

namespace Serverless.Api.Artifacts;

/// <summary>Artifacts that lie elsewhere in the store and are shown among those that clients uploaded; they cannot be changed.</summary>
internal interface IReadOnlyArtifacts
{
    /// <summary>What it is, for who tries to change it.</summary>
    string Name { get; }

    /// <summary>True if the path belongs to it, or has something of it below.</summary>
    bool Covers(string path);

    Task<ArtifactFile?> FindAsync(string path, CancellationToken cancellationToken);

    Task<IReadOnlyList<ArtifactEntry>> ListAsync(string folder, CancellationToken cancellationToken);
}
