using Serverless.Automation.Hooks;

namespace Serverless.Local.Hosting;

/// <summary>
/// Processes webhook deliveries in this process. Each delivery wakes it. It polls only while one is in progress.
/// </summary>
internal sealed class HookService
{
    private static readonly TimeSpan BusyInterval = TimeSpan.FromSeconds(2);

    private readonly HookEngine engine;
    private readonly ILogger logger;
    private readonly TimeProvider time;
    private readonly SemaphoreSlim woken = new(1);

    public HookService(LocalHost host, GithubClient github, Action submitted, ILogger logger, TimeProvider time)
    {
        this.logger = logger;
        this.time = time;
        engine = host.HooksAtWork(github, submitted, text => HookLog.Trouble(logger, text));
        host.Workspaces.HookReceived = workspace =>
        {
            if (workspace.Store.Workspace == host.Store.Workspace)
            {
                woken.Release();
            }
        };
    }

    public async Task RunAsync(CancellationToken stopped)
    {
        var isBusy = false;
        while (!stopped.IsCancellationRequested)
        {
            try
            {
                if (!isBusy)
                {
                    // At startup, look once for deliveries that the previous host left.
                    await woken.WaitAsync(stopped);
                }

                isBusy = await engine.WorkAsync(stopped);
                if (isBusy)
                {
                    await Task.Delay(BusyInterval, time, stopped);
                }
            }
            catch (OperationCanceledException) when (stopped.IsCancellationRequested) { }
            catch (Exception e)
            {
                HookLog.Trouble(logger, e.Message);
                isBusy = true;
                await Task.Delay(BusyInterval, time, stopped).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }
}

internal static partial class HookLog
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "Webhook: {Text}")]
    public static partial void Trouble(ILogger logger, string text);
}
