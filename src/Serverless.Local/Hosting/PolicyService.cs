using Serverless.Storage;
using Serverless.Training;

namespace Serverless.Local;

/// <summary>
/// Policies at work in this process: it looks into the inbox every few seconds and at the clock once a minute, and more often only while a
/// run is under way.
/// </summary>
internal sealed class PolicyService(PolicyEngine engine, InboxStore inbox, ILogger logger, TimeProvider time)
{
    /// <summary>With what a look and its handling take, an upload is decided on within five seconds.</summary>
    private static readonly TimeSpan InboxInterval = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan BusyInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan TickInterval = TimeSpan.FromMinutes(1);

    private readonly InboxHandler handler = new(engine);
    private readonly DatasetStore datasets = new(engine.Options.Store);
    private readonly HashSet<string> handled = new(StringComparer.Ordinal);
    private readonly HashSet<string> asked = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim woken = new(0);

    public async Task RunAsync(CancellationToken stopped)
    {
        await GuardAsync(() => inbox.CreateAsync(stopped), stopped).ConfigureAwait(false);
        await Task.WhenAll(WatchInboxAsync(stopped), WatchClockAsync(stopped)).ConfigureAwait(false);
    }

    private async Task WatchInboxAsync(CancellationToken stopped)
    {
        while (!stopped.IsCancellationRequested)
        {
            await GuardAsync(() => LookAsync(stopped), stopped).ConfigureAwait(false);
            await PauseAsync(InboxInterval, stopped).ConfigureAwait(false);
        }
    }

    private async Task LookAsync(CancellationToken stopped)
    {
        foreach (var blob in await inbox.ListAsync(stopped).ConfigureAwait(false))
        {
            if (handled.Contains(blob.Key))
            {
                continue;
            }

            if (asked.Add(blob.Dataset))
            {
                // One read for all that was answered before this host started, instead of one a file.
                handled.UnionWith((await datasets.ListUploadsAsync(blob.Dataset, stopped).ConfigureAwait(false)).Where(u => u.IsAnswered).Select(u => u.Key));
                if (handled.Contains(blob.Key))
                {
                    continue;
                }
            }

            if (await handler.HandleAsync(blob, stopped).ConfigureAwait(false) is { } upload)
            {
                PolicyLog.Upload(logger, blob.Name, upload.State == UploadState.Refused ? upload.Reason! : $"version {upload.Version}");
            }

            handled.Add(blob.Key);
            woken.Release();
        }
    }

    private async Task WatchClockAsync(CancellationToken stopped)
    {
        while (!stopped.IsCancellationRequested)
        {
            var isBusy = false;
            await GuardAsync(async () => isBusy = await engine.TickAsync(stopped).ConfigureAwait(false), stopped).ConfigureAwait(false);
            var now = time.GetUtcNow();
            // The minute's beginning is when schedules are due.
            var wait = isBusy ? BusyInterval : TickInterval - TimeSpan.FromTicks(now.UtcTicks % TickInterval.Ticks);
            using var turn = CancellationTokenSource.CreateLinkedTokenSource(stopped);
            await Task.WhenAny(Task.Delay(wait, time, turn.Token), woken.WaitAsync(turn.Token)).ConfigureAwait(false);
            await turn.CancelAsync().ConfigureAwait(false);
        }
    }

    /// <summary>What goes wrong is told and tried again: the service must outlive its store's bad minutes.</summary>
    private async Task GuardAsync(Func<Task> work, CancellationToken stopped)
    {
        try
        {
            await work().ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stopped.IsCancellationRequested)
        {
        }
        catch (Exception e)
        {
            PolicyLog.Failed(logger, e is ServerlessException ? e.Message : e.ToString());
        }
    }

    private Task PauseAsync(TimeSpan pause, CancellationToken stopped) =>
        Task.Delay(pause, time, stopped).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
}

internal static partial class PolicyLog
{
    [LoggerMessage(Level = LogLevel.Information, Message = "Upload {Name}: {Outcome}")]
    public static partial void Upload(ILogger logger, string name, string outcome);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Policies could not be looked after: {Error}")]
    public static partial void Failed(ILogger logger, string error);
}
