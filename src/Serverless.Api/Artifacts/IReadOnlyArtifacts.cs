using Serverless.Storage.Artifacts;

namespace Serverless.Api.Artifacts;

/// <summary>Read-only artifacts from elsewhere in the store, shown among those that clients uploaded.</summary>
internal interface IReadOnlyArtifacts
{
    /// <summary>A description for the error when a client tries to change it.</summary>
    string Name { get; }

    /// <summary>True if the path is one of these artifacts, or a parent of one.</summary>
    bool Covers(string path);

    Task<ArtifactFile?> FindAsync(string path, CancellationToken cancellationToken);

    Task<IReadOnlyList<ArtifactEntry>> ListAsync(string folder, CancellationToken cancellationToken);
}
