using System.Threading.Channels;

namespace Serverless.Serving.Invocations;

/// <summary>Passes outcomes from requests to observers, off the request path.</summary>
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

    /// <summary>The number of outcomes dropped because too many were waiting.</summary>
    public long Dropped => Volatile.Read(ref dropped);

    /// <summary>The number of exceptions thrown by observers.</summary>
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
            // The data is what is large: observers that count outcomes still get the outcome.
            Interlocked.Add(ref waitingRows, -rows);
            outcome = outcome with { Input = null, Output = null };
        }

        if (!queue.Writer.TryWrite(new Item(outcome, null)))
        {
            Interlocked.Increment(ref dropped);
            Interlocked.Add(ref waitingRows, outcome.Input is null ? 0 : -rows);
        }
    }

    /// <summary>Completes when observers have processed everything posted before.</summary>
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
                // An observer must not stop serving.
                Interlocked.Increment(ref faults);
            }
        }
    }

    /// <summary>An outcome, or a marker of the reader's progress.</summary>
    private readonly record struct Item(ServingOutcome? Outcome, TaskCompletionSource? Reached);
}
