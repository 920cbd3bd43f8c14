using System.Globalization;
using Serverless.Serving.Invocations;
using Serverless.Tracking.Models;

namespace Serverless.Serving.Rollouts;

/// <summary>This host's counts for one rollout. Not thread-safe.</summary>
internal sealed class RolloutTally(TrafficSplit split, string model, string host, DateTimeOffset joinedAt)
{
    /// <summary>
    /// The maximum number of responses per key and step that count. The tests assume independent responses, but those of one key are not:
    /// its arm is drawn once, and a single busy caller would otherwise decide.
    /// </summary>
    private const int MostOfKey = 100;

    /// <summary>The maximum number of keys to remember. By then, the sample ratio is known well enough.</summary>
    private const int MostKeys = 100_000;

    private readonly Dictionary<int, Step> steps = [];
    private readonly bool[] last = new bool[split.BreakerLast];
    private int answers;
    private int failures;
    private DateTimeOffset seenAt;

    public string RolloutId => split.Id;

    public string Model => model;

    public bool IsDirty { get; private set; }

    /// <summary>Why the breaker tripped. Null if it has not.</summary>
    public string? Tripped { get; private set; }

    /// <summary>When something was last counted.</summary>
    public DateTimeOffset SeenAt => seenAt > joinedAt ? seenAt : joinedAt;

    /// <returns>True if the breaker tripped now.</returns>
    public bool Add(ServingOutcome outcome, int number, bool isChallenger)
    {
        seenAt = outcome.Time;
        Count(outcome, number, isChallenger);
        return isChallenger && outcome.Result != ServingResult.Rejected && Watch(outcome.Result == ServingResult.Failed);
    }

    /// <summary>All counts so far, for this host's row.</summary>
    public HostCounts Take()
    {
        IsDirty = false;
        return new HostCounts(
            host,
            joinedAt,
            [.. steps.OrderBy(s => s.Key).Select(s => new StepCounts(s.Key, s.Value.Champion, s.Value.Challenger))]
        );
    }

    /// <summary>Records that the taken counts could not be written.</summary>
    public void Untake() => IsDirty = true;

    private void Count(ServingOutcome outcome, int number, bool isChallenger)
    {
        if (!steps.TryGetValue(number, out var step))
        {
            steps[number] = step = new Step();
        }

        var isNew = true;
        if (outcome.RequestKey != outcome.RequestId)
        {
            var key = RolloutBuckets.HashOf(split.Id, outcome.RequestKey);
            var times = step.Keys.GetValueOrDefault(key);
            isNew = times == 0;
            if (times >= MostOfKey)
            {
                return;
            }

            if (!isNew || step.Keys.Count < MostKeys)
            {
                step.Keys[key] = times + 1;
            }
            else
            {
                isNew = false;
            }
        }

        ref var arm = ref isChallenger ? ref step.Challenger : ref step.Champion;
        arm = Count(arm, outcome, isNew);
        IsDirty = true;
    }

    private static ArmCounts Count(ArmCounts arm, ServingOutcome outcome, bool isNewKey)
    {
        var keys = arm.Keys + (isNewKey ? 1 : 0);
        return outcome.Result switch
        {
            ServingResult.Rejected => arm with { Keys = keys, Rejections = arm.Rejections + 1 },
            ServingResult.Failed => arm with { Keys = keys, Requests = arm.Requests + 1, Errors = arm.Errors + 1 },
            // Clamp at one microsecond: the logarithm of 0 must not reach the sums.
            _ => arm with
            {
                Keys = keys,
                Requests = arm.Requests + 1,
                LogLatency = arm.LogLatency.With(Math.Log(Math.Max(outcome.Latency.TotalMilliseconds, 0.001))),
            },
        };
    }

    private bool Watch(bool isFailure)
    {
        ref var slot = ref last[answers++ % last.Length];
        failures += (isFailure ? 1 : 0) - (slot ? 1 : 0);
        slot = isFailure;
        if (Tripped is not null || answers < last.Length || failures < split.BreakerErrorRate * last.Length)
        {
            return false;
        }

        Tripped = string.Create(
            CultureInfo.InvariantCulture,
            $"{failures} of the last {last.Length} responses of version {split.Challenger} failed, the breaker's limit is "
                + $"{RolloutStore.Percent(split.BreakerErrorRate)}"
        );
        return true;
    }

    private sealed class Step
    {
        public ArmCounts Champion = ArmCounts.None;
        public ArmCounts Challenger = ArmCounts.None;

        public Dictionary<ulong, int> Keys { get; } = [];
    }
}
