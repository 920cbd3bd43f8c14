using Serverless.Storage;
using Serverless.Tracking.Models;

namespace Serverless.Serving.Invocations;

/// <summary>What serving needs and how much it may take.</summary>
public sealed record ServingOptions
{
    public required ModelRegistry Registry { get; init; }

    /// <summary>Writes the model folder of a version into a directory that is there and empty.</summary>
    public required Func<ModelVersion, string, CancellationToken, Task> Download { get; init; }

    public required TimeProvider Time { get; init; }

    /// <summary>Where predictions are logged and labels kept.</summary>
    public required Store Store { get; init; }

    /// <summary>False: nothing that is asked or answered is written down, of any model.</summary>
    public bool LogsPredictions { get; init; } = true;

    /// <summary>How many bytes of the log may wait for the store; more are dropped and counted.</summary>
    public long LogBytes { get; init; } = 64 << 20;

    public IVersionChooser Chooser { get; init; } = new ProductionChooser();

    /// <summary>Where model folders lie while they are loaded.</summary>
    public string Folder { get; init; } = Path.Combine(Path.GetTempPath(), "mlops-serving");

    /// <summary>Models that nobody asks are let go beyond this. A model is taken for three times its folder.</summary>
    public long CacheBytes { get; init; } = 1L << 30;

    /// <summary>How many outcomes may wait for observers and the log; more are dropped and counted.</summary>
    public int QueueLength { get; init; } = 20_000;

    /// <summary>How many rows of predictions may wait for the log; more are dropped from it and counted.</summary>
    public int QueueRows { get; init; } = 500_000;
}
