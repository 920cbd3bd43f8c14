namespace Serverless.Tracking.Models;

/// <summary>The model registry's interface for components.</summary>
public interface IModelRegistry
{
    Task<ModelVersion?> FindVersionAsync(string name, int version, CancellationToken cancellationToken);

    Task<ModelVersion?> FindByDigestAsync(string name, string digest, CancellationToken cancellationToken);

    /// <summary>Returns the newest version in a stage. The champion is the one in Production.</summary>
    Task<ModelVersion?> GetLatestAsync(string name, Stage stage, CancellationToken cancellationToken);

    /// <summary>Stores the folder and registers it as a version. Idempotent by name and request id.</summary>
    Task<ModelVersion> RegisterAsync(RegisterRequest request, CancellationToken cancellationToken);

    /// <summary>Moves a version to a stage. Idempotent: a version that is already there is unchanged.</summary>
    Task<ModelVersion> TransitionStageAsync(TransitionRequest request, CancellationToken cancellationToken);

    /// <summary>Writes the model folder of a version into a directory.</summary>
    Task DownloadAsync(ModelVersion version, string directory, CancellationToken cancellationToken);
}
