using Serverless.Core;
using Serverless.Monitoring.Significance;

namespace Serverless.Monitoring.Performance.Estimation;

/// <summary>
/// Estimates how well a binary classifier does on rows whose labels are not known yet: confidence-based performance estimation (CBPE), as
/// NannyML describes it (https://nannyml.readthedocs.io/en/stable/how_it_works/performance_estimation.html). A row that is predicted
/// positive, and is positive with the calibrated probability p, counts as p of a true positive and 1 − p of a false one. Scores are
/// calibrated by isotonic regression on labelled rows of a time in which the model did well.
/// <para>
/// It is an estimate. It holds as long as rows of a score turn out positive as often as they did in the reference: it sees that rows came
/// to be of kinds that the model finds hard, and it cannot see concept drift, which is rows of the same kind turning out otherwise.
/// </para>
/// </summary>
public sealed class PerformanceEstimator
{
    public const int LeastRows = 100;
    private const int Replicates = 200;

    private readonly double[] _scores;
    private readonly double[] _labels;
    private readonly double _threshold;
    private readonly IsotonicCalibration _calibration;

    private PerformanceEstimator(double[] scores, double[] labels, double threshold)
    {
        _scores = scores;
        _labels = labels;
        _threshold = threshold;
        _calibration = IsotonicCalibration.Fit(scores, labels);
    }

    /// <param name="labels">The labels, 0 or 1.</param>
    /// <param name="scores">The model's scores of the same rows; they need not be probabilities, only higher where positive is
    /// likelier.</param>
    /// <param name="threshold">The threshold. A score above it is a positive prediction.</param>
    public static PerformanceEstimator Fit(ReadOnlySpan<double> labels, ReadOnlySpan<double> scores, double threshold = 0.5)
    {
        MetricInput.CheckBinary(labels, scores, "scores");
        if (MetricInput.HasNaN(labels) || MetricInput.HasNaN(scores))
        {
            throw ServerlessException.Invalid("The reference has missing labels or scores.", "Remove rows without a label or score.");
        }

        if (labels.Length < LeastRows || !labels.Contains(0) || !labels.Contains(1))
        {
            throw ServerlessException.Invalid(
                $"The reference has {labels.Length} labelled rows{(labels.Contains(1) && labels.Contains(0) ? "" : " of one class")}; "
                    + $"calibration needs {LeastRows} with both classes.",
                "Wait for more labels, or use the rows that the model was evaluated on."
            );
        }

        var (sorted, order) = (scores.ToArray(), labels.ToArray());
        Array.Sort(sorted, order);
        return new PerformanceEstimator(sorted, order, threshold);
    }

    /// <summary>Returns the calibrated probability that a row with this score is positive.</summary>
    public double Calibrate(double score) => _calibration.Of(score);

    /// <summary>
    /// The expected metrics of rows without labels. The intervals hold both that labels fall by chance and that the reference is a sample:
    /// each of 200 replicates calibrates on a Poisson bootstrap of the reference and draws labels; 1.96 deviations of those are 95 %.
    /// </summary>
    public EstimatedPerformance Estimate(ReadOnlySpan<double> scores, int seed = 1)
    {
        if (scores.IsEmpty || MetricInput.HasNaN(scores))
        {
            throw ServerlessException.Invalid(
                scores.IsEmpty ? "There are no rows to estimate from." : "A score is missing.",
                "Provide the scores of at least one row."
            );
        }

        var sorted = scores.ToArray();
        Array.Sort(sorted);
        var probabilities = new double[sorted.Length];
        _calibration.Of(sorted, probabilities);
        var estimate = ExpectedMetrics.Of(sorted, probabilities, _threshold);
        var spread = Spread(sorted, seed);
        return new EstimatedPerformance
        {
            Rows = scores.Length,
            TruePositives = estimate.TruePositives,
            FalsePositives = estimate.FalsePositives,
            TrueNegatives = estimate.TrueNegatives,
            FalseNegatives = estimate.FalseNegatives,
            Accuracy = Around(estimate.Accuracy, spread[0]),
            F1 = Around(estimate.F1, spread[1]),
            Precision = Around(estimate.Precision, spread[2]),
            Recall = Around(estimate.Recall, spread[3]),
            Auc = Around(estimate.Auc, spread[4]),
        };
    }

    /// <summary>Returns the standard deviation of each metric over the replicates.</summary>
    private double[] Spread(double[] sorted, int seed)
    {
        var random = new StableRandom(seed);
        var metrics = new double[5][];
        for (var i = 0; i < metrics.Length; i++)
        {
            metrics[i] = new double[Replicates];
        }

        var (weights, labels) = (new double[_scores.Length], new double[sorted.Length]);
        for (var replicate = 0; replicate < Replicates; replicate++)
        {
            do
            {
                Resample(weights, random);
            } while (!weights.AsSpan().ContainsAnyExcept(0));

            IsotonicCalibration.Fit(_scores, _labels, weights).Of(sorted, labels);
            for (var i = 0; i < labels.Length; i++)
            {
                labels[i] = random.NextDouble() < labels[i] ? 1 : 0;
            }

            var drawn = ExpectedMetrics.Of(sorted, labels, _threshold);
            (metrics[0][replicate], metrics[1][replicate], metrics[2][replicate], metrics[3][replicate], metrics[4][replicate]) = (
                drawn.Accuracy,
                drawn.F1,
                drawn.Precision,
                drawn.Recall,
                drawn.Auc
            );
        }

        return Array.ConvertAll(metrics, Deviation);
    }

    /// <summary>Returns the weights of a Poisson bootstrap: how often each row is drawn, by Knuth's product of uniforms.</summary>
    private static void Resample(double[] weights, StableRandom random)
    {
        var limit = Math.Exp(-1);
        for (var i = 0; i < weights.Length; i++)
        {
            var count = 0;
            for (var product = random.NextDouble(); product > limit; product *= random.NextDouble())
            {
                count++;
            }

            weights[i] = count;
        }
    }

    private static double Deviation(double[] values)
    {
        var finite = Array.FindAll(values, double.IsFinite);
        if (finite.Length < 2)
        {
            return double.NaN;
        }

        var mean = finite.Average();
        return Math.Sqrt(finite.Sum(v => (v - mean) * (v - mean)) / (finite.Length - 1));
    }

    private static EstimatedMetric Around(double value, double deviation)
    {
        var half = StandardNormal.Quantile(0.975) * deviation;
        return new EstimatedMetric(value, new ConfidenceInterval(Math.Max(0, value - half), Math.Min(1, value + half), 0.95));
    }
}
