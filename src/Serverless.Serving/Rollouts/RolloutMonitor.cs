using Serverless.Core;
using Serverless.Serving.Invocations;

namespace Serverless.Serving.Rollouts;

/// <summary>
/// Monitors this host's responses for rollouts: counts them, writes the counts continuously, and trips the breaker. A tripped breaker
/// stops the challenger's traffic on this host at once, in memory, and rolls back in the store as soon as that is available.
/// </summary>
public sealed class RolloutMonitor : IServingObserver
{
    /// <summary>A rollout without requests for this long is considered over and removed from memory.</summary>
    private static readonly TimeSpan Forgotten = TimeSpan.FromHours(1);

    private readonly RolloutController controller;
    private readonly RolloutRouter router;
    private readonly TimeProvider time;
    private readonly string host;
    private readonly Dictionary<string, RolloutTally> tallies = new(StringComparer.Ordinal);
    private readonly HashSet<string> pending = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim writing = new(1, 1);
    private int made;

    /// <param name="controller">Rolls back rollouts.</param>
    /// <param name="router">The router that serving uses.</param>
    /// <param name="time">The clock.</param>
    /// <param name="host">The name of this process among all counting hosts. Null to generate one.</param>
    public RolloutMonitor(RolloutController controller, RolloutRouter router, TimeProvider time, string? host = null)
    {
        ArgumentNullException.ThrowIfNull(time);
        this.controller = controller;
        this.router = router;
        this.time = time;
        // A restarted process counts from zero, so it must not overwrite its earlier counts.
        this.host = host ?? $"{Environment.MachineName}-{Ids.NewId()[..8]}";
    }

    /// <summary>Raised when a breaker trips, to avoid waiting for the next turn of the loop.</summary>
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
    /// Writes the counts since the last call, and rolls back tripped rollouts. Counts that cannot be written are kept for the next call.
    /// </summary>
    public async Task FlushAsync(CancellationToken cancellationToken = default)
    {
        // One write at a time, or an older row could overwrite a newer one.
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
                    // The router still sends it no traffic.
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
                // Its row stays. Later requests are counted from zero under another name.
                tallies.Remove(old.RolloutId);
            }

            return [.. tallies.Values.Where(t => t.IsDirty || pending.Contains(t.RolloutId))];
        }
    }
}
