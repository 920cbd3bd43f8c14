namespace Serverless.Tracking.Models;

/// <summary>The model registry, as components use it.</summary>
public interface IModelRegistry
{
    Task<ModelVersion?> FindVersionAsync(string name, int version, CancellationToken cancellationToken);

    Task<ModelVersion?> FindByDigestAsync(string name, string digest, CancellationToken cancellationToken);

    /// <summary>The newest version of a stage; the champion is the one of Production.</summary>
    Task<ModelVersion?> GetLatestAsync(string name, Stage stage, CancellationToken cancellationToken);

    /// <summary>Stores the folder and makes a version of it; idempotent by name and request id.</summary>
    Task<ModelVersion> RegisterAsync(RegisterRequest request, CancellationToken cancellationToken);

    /// <summary>Idempotent: a version that stands there already stays as it is.</summary>
    Task<ModelVersion> TransitionStageAsync(TransitionRequest request, CancellationToken cancellationToken);

    /// <summary>Writes the model folder of a version into a directory.</summary>
    Task DownloadAsync(ModelVersion version, string directory, CancellationToken cancellationToken);
}
