using System.Collections.Concurrent;
using Serverless.Core;

namespace Serverless.Data.Remotes;

/// <summary>Processes the objects of a transfer, several at a time, and counts them.</summary>
internal sealed class Transfer(int jobs, int total, IProgress<TransferProgress>? progress)
{
    private readonly ConcurrentQueue<TransferFailure> failed = [];
    private readonly ConcurrentQueue<ObjectId> lost = [];
    private int count;
    private long bytes;

    public bool IsWhole => failed.IsEmpty && lost.IsEmpty;

    public TransferSummary Summary => new(count, bytes, [.. lost], [.. failed]);

    public void Lose(ObjectId id) => lost.Enqueue(id);

    public void Fail(ObjectId id, ServerlessException error) => failed.Enqueue(new TransferFailure(id, error));

    /// <param name="work">Returns the number of bytes transferred; null if the object does not exist.</param>
    public async Task RunAsync(
        IEnumerable<ObjectId> objects,
        Func<ObjectId, CancellationToken, Task<long?>> work,
        CancellationToken cancellationToken
    )
    {
        try
        {
            await Parallel.ForEachAsync(
                objects,
                new ParallelOptions { MaxDegreeOfParallelism = jobs, CancellationToken = cancellationToken },
                async (id, token) =>
                {
                    try
                    {
                        if (await work(id, token) is not { } length)
                        {
                            Lose(id);
                            return;
                        }

                        var (done, sum) = (Interlocked.Increment(ref count), Interlocked.Add(ref bytes, length));
                        progress?.Report(new TransferProgress(done, total, sum));
                    }
                    catch (ServerlessException e) when (e.Code is ErrorCodes.InvalidState)
                    {
                        // A fault of this object only. Faults of the whole remote end the transfer immediately.
                        Fail(id, e);
                    }
                }
            );
        }
        catch (ServerlessException e)
        {
            throw new ServerlessException(
                e.Code,
                $"{e.Message.TrimEnd('.')}. {count} of {total} objects were transferred before the error.",
                $"{e.Fix ?? "Try again."} The next attempt transfers only the rest.",
                e.Status,
                e.IsRetryable,
                inner: e
            );
        }
    }
}
