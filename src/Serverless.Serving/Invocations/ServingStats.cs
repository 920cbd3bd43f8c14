using System.Collections.Concurrent;
using System.Numerics;

namespace Serverless.Serving.Invocations;

/// <summary>This host's statistics since it started, by version.</summary>
public sealed class ServingStats
{
    private readonly ConcurrentDictionary<(string ModelId, int Version), Counter> counters = new();

    public IReadOnlyList<VersionStats> Of(string modelId) =>
        [.. counters.Where(c => c.Key.ModelId == modelId).OrderBy(c => c.Key.Version).Select(c => c.Value.Read(c.Key.Version))];

    internal void Add(ServingOutcome outcome) => counters.GetOrAdd((outcome.ModelId, outcome.Version), _ => new Counter()).Add(outcome);

    private sealed class Counter
    {
        private readonly Lock gate = new();

        /// <summary>
        /// A latency histogram with eight buckets per power of two of a microsecond: quantiles are accurate to about 9 %.
        /// </summary>
        private readonly int[] latencies = new int[8 * 32];
        private long succeeded;
        private long rejected;
        private long failed;
        private long rows;
        private string? lastError;

        public void Add(ServingOutcome outcome)
        {
            lock (gate)
            {
                switch (outcome.Result)
                {
                    case ServingResult.Succeeded:
                        succeeded++;
                        rows += outcome.Rows;
                        latencies[BucketOf(outcome.Latency)]++;
                        break;
                    case ServingResult.Rejected:
                        rejected++;
                        break;
                    default:
                        failed++;
                        lastError = outcome.ErrorCode;
                        break;
                }
            }
        }

        public VersionStats Read(int version)
        {
            lock (gate)
            {
                return new VersionStats(version, succeeded, rejected, failed, rows, Quantile(0.5), Quantile(0.99), lastError);
            }
        }

        private static int BucketOf(TimeSpan latency)
        {
            var micros = (ulong)Math.Clamp(latency.Ticks / 10, 1, 1L << 31);
            var power = BitOperations.Log2(micros);
            return (power * 8) + (int)(power >= 3 ? (micros >> (power - 3)) & 7 : (micros << (3 - power)) & 7);
        }

        /// <summary>The quantile in milliseconds: the middle of its bucket.</summary>
        private double? Quantile(double share)
        {
            var rank = (long)Math.Ceiling(share * succeeded);
            for (var i = 0; i < latencies.Length && succeeded > 0; i++)
            {
                rank -= latencies[i];
                if (rank <= 0)
                {
                    return Math.ScaleB(1 + (((i % 8) + 0.5) / 8), i / 8) / 1000;
                }
            }

            return null;
        }
    }
}

/// <summary>The statistics of a version on this host. Times are milliseconds of successful requests.</summary>
public sealed record VersionStats(
    int Version,
    long Succeeded,
    long Rejected,
    long Failed,
    long Rows,
    double? LatencyP50,
    double? LatencyP99,
    string? LastError
);
