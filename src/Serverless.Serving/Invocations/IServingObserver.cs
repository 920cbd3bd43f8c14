using Serverless.Training.Models;

namespace Serverless.Serving.Invocations;

/// <summary>How a request ended.</summary>
public enum ServingResult
{
    Succeeded,

    /// <summary>The caller's fault: a body that cannot be read, data that does not fit.</summary>
    Rejected,

    /// <summary>The version's fault: it cannot be loaded, throws, or gives NaN.</summary>
    Failed,
}

/// <summary>One answered request.</summary>
/// <param name="Latency">From the choice of the version to the answer, reading of the data included, network not.</param>
/// <param name="Scores">A number a row, see <see cref="ModelOutput"/>; empty unless it succeeded.</param>
public sealed record ServingOutcome(
    string Model,
    string ModelId,
    int Version,
    VersionChoice Choice,
    string RequestId,
    string RequestKey,
    DateTimeOffset Time,
    ServingResult Result,
    string? ErrorCode,
    TimeSpan Latency,
    int Rows,
    IReadOnlyList<double> Scores
)
{
    /// <summary>What was asked and answered, for the log of predictions.</summary>
    internal ServingInput? Input { get; init; }

    internal ModelOutput? Output { get; init; }

    /// <summary>False if the host or the model says that its predictions are not to be written down.</summary>
    internal bool IsLogged { get; init; } = true;

    internal BinaryClasses? Classes { get; init; }

    /// <summary>The columns that the model asks for.</summary>
    internal IReadOnlyList<SignatureColumn> Signature { get; init; } = [];
}

/// <summary>
/// Is told of every answered request, off its path: one call at a time, in the order in which they ended, a moment later. What it throws
/// is counted and otherwise ignored. When more arrives than observers take in, the surplus is dropped and counted.
/// </summary>
public interface IServingObserver
{
    void Observe(ServingOutcome outcome);
}
