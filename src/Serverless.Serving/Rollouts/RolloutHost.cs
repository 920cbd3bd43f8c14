using System.Globalization;
using Serverless.Core;
using Serverless.Tracking.Alerts;

namespace Serverless.Serving.Rollouts;

/// <summary>
/// The rollout services of a continuously running host: writes counts, evaluates open rollouts, and sends alerts. Evaluation and sending
/// are separate loops, so that a webhook that does not respond cannot delay a rollback.
/// </summary>
public sealed class RolloutHost : IDisposable
{
    private static readonly TimeSpan Busy = TimeSpan.FromSeconds(1);

    private readonly RolloutController controller;
    private readonly RolloutMonitor monitor;
    private readonly IAlertSender sender;
    private readonly TimeProvider time;
    private readonly Action<string> tell;
    private volatile TaskCompletionSource wake = NewWake();

    /// <param name="controller">Evaluates rollouts.</param>
    /// <param name="monitor">Counts requests.</param>
    /// <param name="sender">Sends alerts.</param>
    /// <param name="time">The clock.</param>
    /// <param name="tell">Writes a line to the host's log about a change or a current problem.</param>
    public RolloutHost(RolloutController controller, RolloutMonitor monitor, IAlertSender sender, TimeProvider time, Action<string> tell)
    {
        ArgumentNullException.ThrowIfNull(monitor);
        this.controller = controller;
        this.monitor = monitor;
        this.sender = sender;
        this.time = time;
        this.tell = tell;
        monitor.Tripped += Wake;
    }

    /// <summary>
    /// How often it polls while no rollout is open. Each poll is two reads of the store.
    /// </summary>
    public TimeSpan Idle { get; init; } = TimeSpan.FromSeconds(3);

    public async Task RunAsync(CancellationToken stopped) =>
        await Task.WhenAll(LoopAsync(DriveAsync, stopped), LoopAsync(SendAsync, stopped));

    /// <summary>One turn: writes the counts, and evaluates every open rollout.</summary>
    /// <returns>True if a rollout is open.</returns>
    public async Task<bool> TickAsync(CancellationToken cancellationToken = default)
    {
        await monitor.FlushAsync(cancellationToken);
        var isOpen = false;
        foreach (var rollout in await controller.Rollouts.ListOpenAsync(cancellationToken))
        {
            isOpen = true;
            try
            {
                var now = await controller.LookAsync(rollout, time.GetUtcNow(), cancellationToken);
                if ((now.State, now.Step) != (rollout.State, rollout.Step))
                {
                    tell(
                        string.Create(
                            CultureInfo.InvariantCulture,
                            $"Rollout of {now.Model} version {now.Challenger}: {now.State}, {RolloutStore.Percent(now.Traffic)} of the "
                                + $"traffic; {now.Reason ?? now.Look?.Reason}."
                        )
                    );
                }
            }
            catch (ServerlessException e)
            {
                // An error of one model must not affect others.
                tell($"The rollout of {rollout.Model} cannot be evaluated: {e.Message}");
            }
        }

        return isOpen;
    }

    public void Dispose() => monitor.Tripped -= Wake;

    private async Task<TimeSpan> DriveAsync(CancellationToken stopped)
    {
        // Taken before the turn: a breaker that trips during it gets another turn at once.
        var woken = wake = NewWake();
        var pause = await TickAsync(stopped) ? Busy : Idle;
        using var slept = CancellationTokenSource.CreateLinkedTokenSource(stopped);
        await Task.WhenAny(woken.Task, Task.Delay(pause, time, slept.Token));
        await slept.CancelAsync();
        return TimeSpan.Zero;
    }

    private async Task<TimeSpan> SendAsync(CancellationToken stopped) => await sender.SendAsync(stopped) > 0 ? TimeSpan.Zero : Idle;

    private async Task LoopAsync(Func<CancellationToken, Task<TimeSpan>> turn, CancellationToken stopped)
    {
        while (!stopped.IsCancellationRequested)
        {
            TimeSpan pause;
            try
            {
                pause = await turn(stopped);
            }
            catch (OperationCanceledException) when (stopped.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                // The loop must survive any exception: nothing would restart it.
                tell(e is ServerlessException ? $"Rollouts are delayed: {e.Message}" : $"Rollouts are delayed: {e}");
                pause = Idle;
            }

            if (pause > TimeSpan.Zero)
            {
                await Task.Delay(pause, time, stopped)
                    .ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            }
        }
    }

    private void Wake() => wake.TrySetResult();

    private static TaskCompletionSource NewWake() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
