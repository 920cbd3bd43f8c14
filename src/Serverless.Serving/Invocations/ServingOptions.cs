using Serverless.Storage;
using Serverless.Tracking.Models;

namespace Serverless.Serving.Invocations;

/// <summary>The dependencies and limits of serving.</summary>
public sealed record ServingOptions
{
    public required ModelRegistry Registry { get; init; }

    /// <summary>Writes the model folder of a version to an existing, empty directory.</summary>
    public required Func<ModelVersion, string, CancellationToken, Task> Download { get; init; }

    public required TimeProvider Time { get; init; }

    /// <summary>The store for the prediction log and labels.</summary>
    public required Store Store { get; init; }

    /// <summary>Whether predictions are logged. If false, no model's predictions are.</summary>
    public bool LogsPredictions { get; init; } = true;

    /// <summary>The maximum number of log bytes that wait for the store. More are dropped and counted.</summary>
    public long LogBytes { get; init; } = 64 << 20;

    public IVersionChooser Chooser { get; init; } = new ProductionChooser();

    /// <summary>The folder for model folders while they are loaded.</summary>
    public string Folder { get; init; } = Path.Combine(Path.GetTempPath(), "mlops-serving");

    /// <summary>The cache size above which unused models are evicted. A model counts as three times the size of its folder.</summary>
    public long CacheBytes { get; init; } = 1L << 30;

    /// <summary>The maximum number of outcomes that wait for observers and the log. More are dropped and counted.</summary>
    public int QueueLength { get; init; } = 20_000;

    /// <summary>The maximum number of prediction rows that wait for the log. More are dropped and counted.</summary>
    public int QueueRows { get; init; } = 500_000;
}
