namespace Serverless.Serving.Logging;

/// <summary>The logging statistics of a model on this host since it started.</summary>
/// <param name="DroppedRequests">Requests that were not logged because the store was unavailable or overloaded. Their callers got
/// responses.</param>
public sealed record PredictionLogStats(
    long WrittenRequests,
    long WrittenRows,
    long WaitingRequests,
    long DroppedRequests,
    long DroppedRows
);

internal sealed class LogCounter
{
    private long writtenRequests;
    private long writtenRows;
    private long waiting;
    private long droppedRequests;
    private long droppedRows;

    public PredictionLogStats Read() =>
        new(
            Volatile.Read(ref writtenRequests),
            Volatile.Read(ref writtenRows),
            Volatile.Read(ref waiting),
            Volatile.Read(ref droppedRequests),
            Volatile.Read(ref droppedRows)
        );

    public void Wait(long requests) => Interlocked.Add(ref waiting, requests);

    public void Write(long requests, long rows)
    {
        Interlocked.Add(ref waiting, -requests);
        Interlocked.Add(ref writtenRequests, requests);
        Interlocked.Add(ref writtenRows, rows);
    }

    public void Drop(long requests, long rows)
    {
        Interlocked.Add(ref droppedRequests, requests);
        Interlocked.Add(ref droppedRows, rows);
    }
}
