using System.Buffers;
using System.Collections.Concurrent;
using Serverless.Core;
using Serverless.Serving.Invocations;
using Serverless.Storage.Logs;

namespace Serverless.Serving.Logging;

/// <summary>
/// Writes predictions to blobs in batches, off the request path. Uses JSON lines rather than Parquet, because a blob that is appended to
/// every second can be read at any time, loses nothing already written when the host dies, and accepts versions with other columns.
/// While the store is unavailable, lines wait up to a limit. Lines above it are dropped and counted.
/// </summary>
internal sealed class PredictionLogWriter : IServingObserver, IAsyncDisposable
{
    private const int PieceBytes = 4 << 20;
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan SliceLife = TimeSpan.FromMinutes(10);

    private readonly LogStore store;
    private readonly TimeProvider time;
    private readonly long limit;
    private readonly ConcurrentDictionary<string, LogCounter> counters = new(StringComparer.Ordinal);
    private readonly Lock gate = new();
    private readonly ArrayBufferWriter<byte> line = new(4096);
    private readonly SemaphoreSlim writing = new(1, 1);
    private readonly Dictionary<string, Slice> slices = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource stopping = new();
    private readonly Task loop;
    private long waitingBytes;

    /// <param name="limit">The maximum number of waiting bytes.</param>
    public PredictionLogWriter(LogStore store, TimeProvider time, long limit)
    {
        this.store = store;
        this.time = time;
        this.limit = limit;
        loop = Task.Run(RunAsync);
    }

    public LogCounter CounterOf(string modelId) => counters.GetOrAdd(modelId, _ => new LogCounter());

    public void Observe(ServingOutcome outcome)
    {
        if (outcome.Result != ServingResult.Succeeded || outcome.Rows == 0 || !outcome.IsLogged)
        {
            return;
        }

        var counter = CounterOf(outcome.ModelId);
        if (outcome.Input is null || Volatile.Read(ref waitingBytes) > limit || RequestIds.SliceOf(outcome.RequestId) is not { } at)
        {
            counter.Drop(1, outcome.Rows);
            return;
        }

        var name = LogNames.Of(outcome.ModelId, at);
        lock (gate)
        {
            if (!slices.TryGetValue(name, out var slice))
            {
                slices[name] = slice = new Slice(counter);
            }

            line.ResetWrittenCount();
            PredictionLine.Write(line, outcome);
            // Only whole lines are appended: a partial line would make the next one unreadable, too.
            slice.Waiting.Write(line.WrittenSpan);
            slice.Requests++;
            slice.Rows += outcome.Rows;
            slice.UsedAt = time.GetTimestamp();
            counter.Wait(1);
            Interlocked.Add(ref waitingBytes, line.WrittenCount);
        }
    }

    /// <summary>Writes all waiting lines. Throws if the store rejects them.</summary>
    public async Task FlushAsync(CancellationToken cancellationToken)
    {
        await writing.WaitAsync(cancellationToken);
        try
        {
            foreach (var (name, slice) in Take())
            {
                await WriteAsync(name, slice, cancellationToken);
            }
        }
        finally
        {
            writing.Release();
        }
    }

    /// <summary>Writes waiting lines for a limited time at shutdown. The rest is counted as dropped.</summary>
    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await loop;
        try
        {
            using var stop = new CancellationTokenSource(StopLimit, time);
            await FlushAsync(stop.Token);
        }
        catch (Exception e) when (e is OperationCanceledException or ServerlessException)
        {
            lock (gate)
            {
                foreach (var slice in slices.Values)
                {
                    slice.DropAll();
                }
            }
        }

        stopping.Dispose();
        writing.Dispose();
    }

    private async Task RunAsync()
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await Task.Delay(Interval, time, stopping.Token);
                await FlushAsync(stopping.Token);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (ServerlessException)
            {
                // Keep the lines and retry with the next batch.
            }
        }
    }

    private List<(string Name, Slice Slice)> Take()
    {
        lock (gate)
        {
            foreach (var (name, slice) in slices.Where(s => s.Value.IsIdle && time.GetElapsedTime(s.Value.UsedAt) > SliceLife).ToList())
            {
                slices.Remove(name);
            }

            foreach (var slice in slices.Values.Where(s => s.Leaving.IsEmpty && s.Waiting.WrittenCount > 0))
            {
                slice.Send();
            }

            return [.. slices.Where(s => !s.Value.Leaving.IsEmpty).Select(s => (s.Key, s.Value))];
        }
    }

    /// <summary>The next attempt continues where this one stops.</summary>
    private async Task WriteAsync(string name, Slice slice, CancellationToken cancellationToken)
    {
        while (!slice.Leaving.IsEmpty)
        {
            var piece = slice.Leaving[..Math.Min(PieceBytes, slice.Leaving.Length)];
            try
            {
                await store.AppendAsync(name, piece, slice.Offset, cancellationToken);
            }
            catch (ServerlessException e) when (!e.IsRetryable)
            {
                // A permanent rejection: a retry would fail as well.
                Interlocked.Add(ref waitingBytes, -slice.Leaving.Length);
                lock (gate)
                {
                    slice.DropLeaving();
                }

                return;
            }

            slice.Offset += piece.Length;
            slice.Leaving = slice.Leaving[piece.Length..];
            Interlocked.Add(ref waitingBytes, -piece.Length);
        }

        slice.Written();
    }

    /// <summary>A growing blob: waiting lines, and lines being written.</summary>
    private sealed class Slice(LogCounter counter)
    {
        private int leavingRequests;
        private long leavingRows;

        public ArrayBufferWriter<byte> Waiting { get; private set; } = new(4096);

        public ReadOnlyMemory<byte> Leaving { get; set; }

        public int Requests { get; set; }

        public long Rows { get; set; }

        public long Offset { get; set; }

        public long UsedAt { get; set; }

        public bool IsIdle => Waiting.WrittenCount == 0 && Leaving.IsEmpty;

        public void Send()
        {
            Leaving = Waiting.WrittenMemory;
            Waiting = new ArrayBufferWriter<byte>(4096);
            (leavingRequests, leavingRows) = (Requests, Rows);
            (Requests, Rows) = (0, 0);
        }

        public void Written()
        {
            counter.Write(leavingRequests, leavingRows);
            (leavingRequests, leavingRows) = (0, 0);
        }

        public void DropLeaving()
        {
            counter.Wait(-leavingRequests);
            counter.Drop(leavingRequests, leavingRows);
            (Leaving, leavingRequests, leavingRows) = (default, 0, 0);
        }

        public void DropAll()
        {
            DropLeaving();
            counter.Wait(-Requests);
            counter.Drop(Requests, Rows);
            (Requests, Rows) = (0, 0);
        }
    }
}
