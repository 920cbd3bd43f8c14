using Serverless.Automation.Inbox;
using Serverless.Automation.Policies.Engine;
using Serverless.Core;

namespace Serverless.Local.Hosting;

/// <summary>
/// Policies at work in this process: it looks into the inbox every few seconds and at the clock once a minute, and more often only while a
/// run is under way.
/// </summary>
internal sealed class PolicyService(PolicyEngine engine, ILogger logger, TimeProvider time)
{
    /// <summary>With what a look and its handling take, an upload is decided on within five seconds.</summary>
    private static readonly TimeSpan InboxInterval = TimeSpan.FromSeconds(3);

    /// <summary>A run that this host drives tells when it ends; this is for the runs of others.</summary>
    private static readonly TimeSpan BusyInterval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan TickInterval = TimeSpan.FromMinutes(1);

    private readonly InboxWatch watch = new(engine, line => PolicyLog.Upload(logger, line));
    private readonly SemaphoreSlim woken = new(0);

    /// <summary>Looks now: a run has ended.</summary>
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
            // The minute's beginning is when schedules are due.
            var wait = isBusy ? BusyInterval : TickInterval - TimeSpan.FromTicks(now.UtcTicks % TickInterval.Ticks);
            using var turn = CancellationTokenSource.CreateLinkedTokenSource(stopped);
            await Task.WhenAny(Task.Delay(wait, time, turn.Token), woken.WaitAsync(turn.Token));
            await turn.CancelAsync();
        }
    }

    /// <summary>What goes wrong is told and tried again: the service must outlive its store's bad minutes.</summary>
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

    [LoggerMessage(
        Level = LogLevel.Information,
        Message = "{Model} is rolled out: the rows of {File} are asked of it, {PerSecond} a second"
    )]
    public static partial void Replaying(ILogger logger, string model, string file, int perSecond);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Policies could not be looked after: {Error}")]
    public static partial void Failed(ILogger logger, string error);
}
