using Serverless.Training.Models;

namespace Serverless.Serving.Invocations;

/// <summary>How a request ended.</summary>
public enum ServingResult
{
    Succeeded,

    /// <summary>A client error: an unreadable body, or data that does not match the model.</summary>
    Rejected,

    /// <summary>A failure of the version: it cannot be loaded, throws, or returns NaN.</summary>
    Failed,
}

/// <summary>One completed request.</summary>
/// <param name="Latency">The time from choosing the version to the response, including reading the data, excluding the network.</param>
/// <param name="Scores">One score per row, see <see cref="ModelOutput"/>. Empty unless the request succeeded.</param>
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
    /// <summary>The input and output of a request, for the prediction log.</summary>
    internal ServingInput? Input { get; init; }

    internal ModelOutput? Output { get; init; }

    /// <summary>False if logging is off for the host or the model.</summary>
    internal bool IsLogged { get; init; } = true;

    internal BinaryClasses? Classes { get; init; }

    /// <summary>The model's input columns.</summary>
    internal IReadOnlyList<SignatureColumn> Signature { get; init; } = [];
}

/// <summary>
/// Receives every completed request, off the request path: one call at a time, in order of completion, shortly afterwards. Exceptions
/// are counted and otherwise ignored. Requests that arrive faster than observers process them are dropped and counted.
/// </summary>
public interface IServingObserver
{
    void Observe(ServingOutcome outcome);
}
