using System.Threading.Channels;

namespace Serverless.Serving.Invocations;

/// <summary>Carries outcomes from the requests to who wants to know of them, off the requests' path.</summary>
internal sealed class ServingPump : IAsyncDisposable
{
    private readonly Channel<Item> queue;
    private readonly ServingOptions options;
    private readonly Task loop;
    private IServingObserver[] observers = [];
    private long waitingRows;
    private long dropped;
    private long faults;

    public ServingPump(ServingOptions options)
    {
        this.options = options;
        queue = Channel.CreateBounded<Item>(new BoundedChannelOptions(options.QueueLength) { SingleReader = true });
        loop = Task.Run(RunAsync);
    }

    /// <summary>Outcomes that nobody was told of, because too many waited.</summary>
    public long Dropped => Volatile.Read(ref dropped);

    /// <summary>How often an observer threw.</summary>
    public long Faults => Volatile.Read(ref faults);

    public void Add(IServingObserver observer)
    {
        lock (queue)
        {
            observers = [.. observers, observer];
        }
    }

    /// <summary>Never waits and never throws.</summary>
    public void Post(ServingOutcome outcome)
    {
        var rows = outcome.Input is null ? 0 : outcome.Rows;
        if (Interlocked.Add(ref waitingRows, rows) > options.QueueRows && rows > 0)
        {
            // The data is what is heavy: who counts outcomes still hears of it.
            Interlocked.Add(ref waitingRows, -rows);
            outcome = outcome with { Input = null, Output = null };
        }

        if (!queue.Writer.TryWrite(new Item(outcome, null)))
        {
            Interlocked.Increment(ref dropped);
            Interlocked.Add(ref waitingRows, outcome.Input is null ? 0 : -rows);
        }
    }

    /// <summary>Ends when everybody was told of what was posted before.</summary>
    public async Task DrainAsync(CancellationToken cancellationToken)
    {
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        try
        {
            await queue.Writer.WriteAsync(new Item(null, reached), cancellationToken);
        }
        catch (ChannelClosedException)
        {
            return;
        }

        await reached.Task.WaitAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        queue.Writer.TryComplete();
        await loop;
    }

    private async Task RunAsync()
    {
        await foreach (var (outcome, reached) in queue.Reader.ReadAllAsync())
        {
            reached?.SetResult();
            if (outcome is not null)
            {
                Tell(outcome);
                Interlocked.Add(ref waitingRows, outcome.Input is null ? 0 : -outcome.Rows);
            }
        }
    }

    private void Tell(ServingOutcome outcome)
    {
        foreach (var observer in Volatile.Read(ref observers))
        {
            try
            {
                observer.Observe(outcome);
            }
            catch (Exception)
            {
                // Whoever watches must not stop what is watched.
                Interlocked.Increment(ref faults);
            }
        }
    }

    /// <summary>An outcome, or a mark that says how far the reader is.</summary>
    private readonly record struct Item(ServingOutcome? Outcome, TaskCompletionSource? Reached);
}
