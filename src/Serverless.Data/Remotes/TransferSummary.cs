using Serverless.Core;

namespace Serverless.Data.Remotes;

/// <summary>An object that could not be transferred, and the reason.</summary>
public sealed record TransferFailure(ObjectId Id, ServerlessException Error);

/// <summary>The result of a push or a fetch.</summary>
/// <param name="Count">The number of transferred objects, including listings of folders.</param>
/// <param name="Lost">The objects that exist on neither side.</param>
/// <param name="Failed">The objects that could not be transferred. All others were.</param>
public sealed record TransferSummary(int Count, long Bytes, IReadOnlyList<ObjectId> Lost, IReadOnlyList<TransferFailure> Failed)
{
    public static TransferSummary None { get; } = new(0, 0, [], []);

    public bool IsComplete => Lost.Count == 0 && Failed.Count == 0;

    public static TransferSummary operator +(TransferSummary left, TransferSummary right) =>
        new(left.Count + right.Count, left.Bytes + right.Bytes, [.. left.Lost, .. right.Lost], [.. left.Failed, .. right.Failed]);
}

/// <summary>The progress of a transfer.</summary>
public readonly record struct TransferProgress(int Done, int Total, long Bytes);
