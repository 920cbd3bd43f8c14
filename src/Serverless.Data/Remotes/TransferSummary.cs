using Serverless.Core;

namespace Serverless.Data.Remotes;

/// <summary>An object that could not be transferred, and why.</summary>
public sealed record TransferFailure(ObjectId Id, ServerlessException Error);

/// <summary>What a push or a fetch did.</summary>
/// <param name="Count">Objects transferred, listings of folders among them.</param>
/// <param name="Lost">What is on neither side.</param>
/// <param name="Failed">What could not be transferred; everything else was.</param>
public sealed record TransferSummary(int Count, long Bytes, IReadOnlyList<ObjectId> Lost, IReadOnlyList<TransferFailure> Failed)
{
    public static TransferSummary None { get; } = new(0, 0, [], []);

    public bool IsComplete => Lost.Count == 0 && Failed.Count == 0;

    public static TransferSummary operator +(TransferSummary left, TransferSummary right) =>
        new(left.Count + right.Count, left.Bytes + right.Bytes, [.. left.Lost, .. right.Lost], [.. left.Failed, .. right.Failed]);
}

/// <summary>How far a transfer is.</summary>
public readonly record struct TransferProgress(int Done, int Total, long Bytes);
