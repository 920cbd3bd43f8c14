using System.Collections.Concurrent;
using Serverless.Serving.Logging;

namespace Serverless.Serving.Rollouts;

/// <summary>
/// The losses of labeled predictions, from the prediction log. Each label counts once, with its last value, whichever host recorded it. A
/// request counts once, however many rows it has: its rows went to the same version together, so they are not independent.
/// </summary>
public sealed class LoggedLosses(PredictionLog log) : IRolloutLosses
{
    /// <summary>The minimum time between reads of the log. It grows with the log: a fiftieth of the rollout's age.</summary>
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(10);
    private const double Part = 0.02;
    private readonly ConcurrentDictionary<string, (DateTimeOffset At, IReadOnlyList<StepCounts> Counts)> known = new(
        StringComparer.Ordinal
    );

    public async Task<IReadOnlyList<StepCounts>> ReadAsync(Rollout rollout, DateTimeOffset now, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(rollout);
        if (
            known.TryGetValue(rollout.Id, out var last)
            && now - last.At is { Ticks: >= 0 } age
            && (age < Fresh || age < (now - rollout.StartedAt) * Part)
        )
        {
            return last.Counts;
        }

        var window = await log.ReadAsync(rollout.ModelId, new PredictionQuery(rollout.StartedAt, now.AddTicks(1)), cancellationToken);
        var counts = Count(rollout, window);
        known[rollout.Id] = (now, counts);
        return counts;
    }

    internal static IReadOnlyList<StepCounts> Count(Rollout rollout, PredictionWindow window)
    {
        var arms = new Dictionary<(int Step, bool IsChallenger), ArmCounts>();
        for (var from = 0; from < window.Count; )
        {
            var to = from;
            while (to < window.Count && window.Requests[to] == window.Requests[from])
            {
                to++;
            }

            // Requests that named a version were not randomized, so they do not count for the rollout.
            if (
                RolloutRouter.Parse(window.Choices[from]) is { } arm
                && window.Versions[from] == (arm.IsChallenger ? rollout.Challenger : rollout.Champion)
            )
            {
                arms[arm] = Add(arms.GetValueOrDefault(arm) ?? ArmCounts.None, window, from, to);
            }

            from = to;
        }

        return
        [
            .. arms.GroupBy(a => a.Key.Step)
                .Select(g => new StepCounts(
                    g.Key,
                    arms.GetValueOrDefault((g.Key, false)) ?? ArmCounts.None,
                    arms.GetValueOrDefault((g.Key, true)) ?? ArmCounts.None
                )),
        ];
    }

    private static ArmCounts Add(ArmCounts arm, PredictionWindow window, int from, int to)
    {
        var classes = window.Classes.GetValueOrDefault(window.Versions[from]);
        var (count, squared, absolute, firstIsWrong) = (0, 0.0, 0.0, (bool?)null);
        for (var row = from; row < to; row++)
        {
            if (
                window.Labels[row] is not { } label
                || double.IsNaN(window.Scores[row])
                || PredictionWindow.NumberOf(label, classes) is not { } truth
            )
            {
                continue;
            }

            var distance = Math.Abs(window.Scores[row] - truth);
            firstIsWrong ??= window.Predicted[row] is { } predicted ? predicted != label : distance > 0;
            squared += distance * distance;
            absolute += distance;
            count++;
        }

        return count == 0
            ? arm
            : arm with
            {
                ErrorLoss = arm.ErrorLoss.With(firstIsWrong == true ? 1 : 0),
                SquaredLoss = arm.SquaredLoss.With(squared / count),
                AbsoluteLoss = arm.AbsoluteLoss.With(absolute / count),
            };
    }
}
