using Serverless.Automation.Inbox;
using Serverless.Automation.Policies.Engine;
using Serverless.Core;

namespace Serverless.Local.Hosting;

/// <summary>
/// Processes policies in this process. Polls the inbox every few seconds and the schedules once a minute, and more often only while a
/// run is in progress.
/// </summary>
internal sealed class PolicyService(PolicyEngine engine, ILogger logger, TimeProvider time)
{
    /// <summary>Including the time to process it, an upload gets its decision within five seconds.</summary>
    private static readonly TimeSpan InboxInterval = TimeSpan.FromSeconds(3);

    /// <summary>A run of this host wakes the service when it ends. This interval is for runs of other hosts.</summary>
    private static readonly TimeSpan BusyInterval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan TickInterval = TimeSpan.FromMinutes(1);

    private readonly InboxWatch watch = new(engine, line => PolicyLog.Upload(logger, line));
    private readonly SemaphoreSlim woken = new(0);

    /// <summary>Wakes the service because a run has ended.</summary>
    public void Wake() => woken.Release();

    public async Task RunAsync(CancellationToken stopped)
    {
        await GuardAsync(() => engine.Options.Store.Inbox.CreateAsync(stopped), stopped);
        await Task.WhenAll(WatchInboxAsync(stopped), WatchClockAsync(stopped));
    }

    private async Task WatchInboxAsync(CancellationToken stopped)
    {
        while (!stopped.IsCancellationRequested)
        {
            await GuardAsync(
                async () =>
                {
                    if (await watch.LookAsync(stopped) > 0)
                    {
                        Wake();
                    }
                },
                stopped
            );
            await PauseAsync(InboxInterval, stopped);
        }
    }

    private async Task WatchClockAsync(CancellationToken stopped)
    {
        while (!stopped.IsCancellationRequested)
        {
            var isBusy = false;
            await GuardAsync(async () => isBusy = await engine.TickAsync(stopped), stopped);
            var now = time.GetUtcNow();
            // Schedules are due at the start of a minute.
            var wait = isBusy ? BusyInterval : TickInterval - TimeSpan.FromTicks(now.UtcTicks % TickInterval.Ticks);
            using var turn = CancellationTokenSource.CreateLinkedTokenSource(stopped);
            await Task.WhenAny(Task.Delay(wait, time, turn.Token), woken.WaitAsync(turn.Token));
            await turn.CancelAsync();
        }
    }

    /// <summary>Logs an error and tries again: the service must survive outages of its store.</summary>
    private async Task GuardAsync(Func<Task> work, CancellationToken stopped)
    {
        try
        {
            await work();
        }
        catch (OperationCanceledException) when (stopped.IsCancellationRequested) { }
        catch (Exception e)
        {
            PolicyLog.Failed(logger, e is ServerlessException ? e.Message : e.ToString());
        }
    }

    private Task PauseAsync(TimeSpan pause, CancellationToken stopped) =>
        Task.Delay(pause, time, stopped)
            .ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
}

internal static partial class PolicyLog
{
    [LoggerMessage(Level = LogLevel.Information, Message = "{Line}")]
    public static partial void Upload(ILogger logger, string line);

    [LoggerMessage(Level = LogLevel.Information, Message = "Rollout of {Model}: replaying the rows of {File} at {PerSecond} per second")]
    public static partial void Replaying(ILogger logger, string model, string file, int perSecond);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Policies could not be processed: {Error}")]
    public static partial void Failed(ILogger logger, string error);
}
