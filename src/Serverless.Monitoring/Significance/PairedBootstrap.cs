using Serverless.Core;
using Serverless.Monitoring.Performance;

namespace Serverless.Monitoring.Significance;

/// <summary>A metric of scores or predictions against labels.</summary>
public delegate double MetricFunction(ReadOnlySpan<double> labels, ReadOnlySpan<double> scores);

/// <summary>
/// The paired bootstrap (Efron, 1979) of the difference of any metric between two models: rows are drawn with replacement,
/// the same rows for both, and the metric is computed anew. Equal input and seed give equal results on every machine.
/// </summary>
public sealed record PairedBootstrap
{
    /// <summary>The metric's gain on all rows, challenger over champion, positive if the challenger is better.</summary>
    public required double Difference { get; init; }

    /// <summary>The standard deviation of the replicates' differences.</summary>
    public required double StandardError { get; init; }

    /// <summary>The p-value that the challenger is better: (1 + replicates without a gain) / (1 + replicates).</summary>
    public required double OneSidedP { get; init; }

    /// <summary>The percentile interval of the difference.</summary>
    public required ConfidenceInterval Interval { get; init; }

    public required int Replicates { get; init; }

    /// <summary>
    /// Replicates whose metric is NaN (a draw without positives, say). They count as no gain, and are left out of the interval.
    /// </summary>
    public required int UndefinedReplicates { get; init; }

    /// <param name="labels">The true values.</param>
    /// <param name="champion">The champion's scores or predictions of the same rows.</param>
    /// <param name="challenger">The challenger's.</param>
    /// <param name="metric">Any metric. It is called twice a replicate, from several threads at once.</param>
    /// <param name="higherIsBetter">False for losses and errors.</param>
    /// <param name="replicates">How many draws. Default: 2,000, which tells p = 0.05 within 0.005.</param>
    /// <param name="seed">Where the random numbers start.</param>
    /// <param name="level">The level of the interval. Default: 0.95.</param>
    public static PairedBootstrap Of(
        ReadOnlySpan<double> labels,
        ReadOnlySpan<double> champion,
        ReadOnlySpan<double> challenger,
        MetricFunction metric,
        bool higherIsBetter = true,
        int replicates = 2000,
        long seed = 0,
        double level = 0.95
    )
    {
        ArgumentNullException.ThrowIfNull(metric);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(replicates);
        MetricInput.CheckLengths(labels, champion, "champion scores");
        MetricInput.CheckLengths(labels, challenger, "challenger scores");

        // Every replicate has a generator of its own, so that the result does not hang on how many processors share the work.
        var random = new StableRandom(seed);
        var seeds = new long[replicates];
        for (var replicate = 0; replicate < replicates; replicate++)
        {
            seeds[replicate] = unchecked((long)random.NextBits());
        }

        var all = new Rows(labels.ToArray(), champion.ToArray(), challenger.ToArray());
        var differences = new double[replicates];
        Parallel.For(
            0,
            replicates,
            () => new Rows(new double[all.Labels.Length], new double[all.Labels.Length], new double[all.Labels.Length]),
            (replicate, _, drawn) =>
            {
                all.Draw(new StableRandom(seeds[replicate]), drawn);
                differences[replicate] = drawn.Gain(metric, higherIsBetter);
                return drawn;
            },
            _ => { }
        );

        return Summarize(all.Gain(metric, higherIsBetter), differences, level);
    }

    private static PairedBootstrap Summarize(double difference, double[] differences, double level)
    {
        var defined = Array.FindAll(differences, value => !double.IsNaN(value));
        Array.Sort(defined);
        var gains = defined.Count(value => value > 0);
        return new PairedBootstrap
        {
            Difference = difference,
            StandardError = MathNet.Numerics.Statistics.ArrayStatistics.StandardDeviation(defined),
            OneSidedP = double.IsNaN(difference) ? double.NaN : (1.0 + differences.Length - gains) / (1.0 + differences.Length),
            Interval = new ConfidenceInterval(Quantile.Of(defined, (1 - level) / 2), Quantile.Of(defined, (1 + level) / 2), level),
            Replicates = differences.Length,
            UndefinedReplicates = differences.Length - defined.Length,
        };
    }

    private sealed record Rows(double[] Labels, double[] Champion, double[] Challenger)
    {
        public void Draw(StableRandom random, Rows drawn)
        {
            for (var i = 0; i < Labels.Length; i++)
            {
                var row = random.NextInt(Labels.Length);
                drawn.Labels[i] = Labels[row];
                drawn.Champion[i] = Champion[row];
                drawn.Challenger[i] = Challenger[row];
            }
        }

        public double Gain(MetricFunction metric, bool higherIsBetter)
        {
            var gain = metric(Labels, Challenger) - metric(Labels, Champion);
            return higherIsBetter ? gain : -gain;
        }
    }
}
