using Serverless.Core;
using Serverless.Serving.Invocations;

namespace Serverless.Serving.Rollouts;

/// <summary>
/// Watches what this host answers for rollouts: counts it, writes the counts every moment, and trips the breaker. Tripping stops the
/// challenger's traffic on this host at once, in memory, and takes the rollout back in the store as soon as that answers.
/// </summary>
public sealed class RolloutMonitor : IServingObserver
{
    /// <summary>A rollout of which nothing was heard for so long is over, and forgotten.</summary>
    private static readonly TimeSpan Forgotten = TimeSpan.FromHours(1);

    private readonly RolloutController controller;
    private readonly RolloutRouter router;
    private readonly TimeProvider time;
    private readonly string host;
    private readonly Dictionary<string, RolloutTally> tallies = new(StringComparer.Ordinal);
    private readonly HashSet<string> pending = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim writing = new(1, 1);
    private int made;

    /// <param name="controller">Takes rollouts back.</param>
    /// <param name="router">The same that serving asks for versions.</param>
    /// <param name="time">The clock.</param>
    /// <param name="host">This process's own name among those that count; null for one that is made up.</param>
    public RolloutMonitor(RolloutController controller, RolloutRouter router, TimeProvider time, string? host = null)
    {
        ArgumentNullException.ThrowIfNull(time);
        this.controller = controller;
        this.router = router;
        this.time = time;
        // A process that starts again counts from nothing, so it must not write over what it counted before.
        this.host = host ?? $"{Environment.MachineName}-{Ids.NewId()[..8]}";
    }

    /// <summary>Raised when a breaker has tripped, so that nobody waits for the next turn of a loop.</summary>
    public event Action? Tripped;

    public void Observe(ServingOutcome outcome)
    {
        ArgumentNullException.ThrowIfNull(outcome);
        if (router.SplitOf(outcome.ModelId, outcome.Version, outcome.Choice) is not { } routed)
        {
            return;
        }

        var (split, step, isChallenger) = routed;
        lock (tallies)
        {
            if (!tallies.TryGetValue(split.Id, out var tally))
            {
                tallies[split.Id] = tally = new RolloutTally(
                    split,
                    outcome.Model,
                    FormattableString.Invariant($"{host}-{++made}"),
                    time.GetUtcNow()
                );
            }

            if (!tally.Add(outcome, step, isChallenger))
            {
                return;
            }

            pending.Add(split.Id);
        }

        router.Trip(split.Id);
        Tripped?.Invoke();
    }

    /// <summary>
    /// Writes what was counted since the last time, and takes back what tripped. What the store does not take now is kept for the next
    /// time.
    /// </summary>
    public async Task FlushAsync(CancellationToken cancellationToken = default)
    {
        // One at a time, or an older row could overtake a newer one.
        await writing.WaitAsync(cancellationToken);
        try
        {
            foreach (var tally in Take())
            {
                await FlushAsync(tally, cancellationToken);
            }
        }
        finally
        {
            writing.Release();
        }
    }

    private async Task FlushAsync(RolloutTally tally, CancellationToken cancellationToken)
    {
        HostCounts? counts;
        string? reason;
        lock (tallies)
        {
            counts = tally.IsDirty ? tally.Take() : null;
            reason = pending.Contains(tally.RolloutId) ? tally.Tripped : null;
        }

        try
        {
            if (reason is not null)
            {
                await controller.TripAsync(tally.Model, tally.RolloutId, reason, cancellationToken);
                lock (tallies)
                {
                    // The router goes on to send it nothing.
                    pending.Remove(tally.RolloutId);
                }
            }

            if (counts is not null)
            {
                await controller.Rollouts.WriteAsync(tally.RolloutId, counts, cancellationToken);
                counts = null;
            }
        }
        finally
        {
            if (counts is not null)
            {
                lock (tallies)
                {
                    tally.Untake();
                }
            }
        }
    }

    private List<RolloutTally> Take()
    {
        lock (tallies)
        {
            foreach (
                var old in tallies
                    .Values.Where(t => !t.IsDirty && !pending.Contains(t.RolloutId) && time.GetUtcNow() - t.SeenAt > Forgotten)
                    .ToList()
            )
            {
                // Its row stays. What would still come is counted from nothing, under another name.
                tallies.Remove(old.RolloutId);
            }

            return [.. tallies.Values.Where(t => t.IsDirty || pending.Contains(t.RolloutId))];
        }
    }
}
