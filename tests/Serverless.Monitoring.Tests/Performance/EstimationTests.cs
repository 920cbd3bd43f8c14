using Serverless.Core;
using Serverless.Monitoring.Performance;
using Serverless.Monitoring.Performance.Estimation;

namespace Serverless.Monitoring.Tests.Performance;

/// <summary>Performance without labels, against all the labels there could have been.</summary>
public sealed class EstimationTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Expected_counts_and_pairs_are_those_over_all_possible_labels(int seed)
    {
        var random = new StableRandom(seed);
        const int Rows = 10;
        // A grid with ties, and rows on both sides of the threshold.
        var scores = Enumerable.Range(0, Rows).Select(_ => random.NextInt(6) / 5.0).Order().ToArray();
        var probabilities = Enumerable.Range(0, Rows).Select(_ => random.NextDouble()).ToArray();

        var expected = ExpectedMetrics.Of(scores, probabilities, 0.5);

        double truePositives = 0,
            falsePositives = 0,
            accuracy = 0,
            ordered = 0,
            pairs = 0;
        for (var labels = 0; labels < 1 << Rows; labels++)
        {
            var chance = 1.0;
            double tp = 0,
                fp = 0,
                right = 0,
                above = 0,
                all = 0;
            for (var i = 0; i < Rows; i++)
            {
                var isPositive = (labels >> i & 1) == 1;
                chance *= isPositive ? probabilities[i] : 1 - probabilities[i];
                var isPredicted = scores[i] > 0.5;
                tp += isPositive && isPredicted ? 1 : 0;
                fp += !isPositive && isPredicted ? 1 : 0;
                right += isPositive == isPredicted ? 1 : 0;
                for (var j = 0; j < Rows; j++)
                {
                    if (isPositive && (labels >> j & 1) == 0)
                    {
                        all++;
                        above +=
                            scores[i] > scores[j] ? 1
                            : scores[i] == scores[j] ? 0.5
                            : 0;
                    }
                }
            }

            truePositives += chance * tp;
            falsePositives += chance * fp;
            accuracy += chance * right / Rows;
            ordered += chance * above;
            pairs += chance * all;
        }

        Assert.Equal(truePositives, expected.TruePositives, 10);
        Assert.Equal(falsePositives, expected.FalsePositives, 10);
        Assert.Equal(accuracy, expected.Accuracy, 10);
        Assert.Equal(ordered / pairs, expected.Auc, 10);
        Assert.Equal(Rows, expected.TruePositives + expected.FalsePositives + expected.TrueNegatives + expected.FalseNegatives, 10);
    }

    [Fact]
    public void With_certain_labels_they_are_the_plain_metrics()
    {
        var (labels, scores, _) = Simulate(500, 7);
        Array.Sort(scores, labels);

        var expected = ExpectedMetrics.Of(scores, labels, 0.3);
        var plain = BinaryMetrics.Of(labels, scores, 0.3);

        Assert.Equal(plain.Accuracy, expected.Accuracy, 12);
        Assert.Equal(plain.F1, expected.F1, 12);
        Assert.Equal(plain.Precision, expected.Precision, 12);
        Assert.Equal(plain.Recall, expected.Recall, 12);
        Assert.Equal(plain.Auc, expected.Auc, 12);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Isotonic_regression_is_the_best_rising_fit(int seed)
    {
        var random = new StableRandom(seed);
        var scores = Enumerable.Range(0, 60).Select(_ => random.NextInt(25) / 25.0).Order().ToArray();
        var labels = scores.Select(s => random.NextDouble() < s ? 1.0 : 0.0).ToArray();

        var fit = IsotonicCalibration.Fit(scores, labels);

        // The minimax formula: at x, the largest over starts up to x of the least over ends from x of the mean between.
        var points = scores
            .Zip(labels)
            .GroupBy(p => p.First)
            .Select(g => (Score: g.Key, Sum: g.Sum(p => p.Second), Count: g.Count()))
            .ToArray();
        for (var at = 0; at < points.Length; at++)
        {
            var best = Enumerable
                .Range(0, at + 1)
                .Max(from =>
                    Enumerable
                        .Range(at, points.Length - at)
                        .Min(to => points[from..(to + 1)].Sum(p => p.Sum) / points[from..(to + 1)].Sum(p => (double)p.Count))
                );
            Assert.Equal(best, fit.Of(points[at].Score), 12);
        }

        double[] between = [-1, 0, 0.03, 0.04, 0.41, 0.5, 0.77, 1, 2];
        var filled = new double[between.Length];
        fit.Of(between, filled);
        Assert.Equal(between.Select(fit.Of), filled);
        Assert.Equal(fit.Of(points[0].Score), fit.Of(-5));
        Assert.Equal(fit.Of(points[^1].Score), fit.Of(5));
    }

    [Fact]
    public void Weights_count_as_rows_that_come_several_times()
    {
        double[] scores = [0.1, 0.2, 0.2, 0.5, 0.7, 0.9];
        double[] labels = [0, 1, 0, 0, 1, 1];
        double[] weights = [2, 1, 0, 3, 1, 1];

        var weighted = IsotonicCalibration.Fit(scores, labels, weights);
        var repeated = IsotonicCalibration.Fit([0.1, 0.1, 0.2, 0.5, 0.5, 0.5, 0.7, 0.9], [0, 0, 1, 0, 0, 0, 1, 1]);

        foreach (var score in (double[])[0, 0.1, 0.15, 0.2, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1])
        {
            Assert.Equal(repeated.Of(score), weighted.Of(score), 12);
        }
    }

    [Fact]
    public void The_intervals_hold_what_turns_out_to_be_true_on_rows_of_other_kinds()
    {
        const int Times = 80;
        var (accuracies, aucs) = (0, 0);
        var error = 0.0;
        for (var time = 0; time < Times; time++)
        {
            var (labels, scores, _) = Simulate(1500, 100 + time);
            var (truth, drifted, _) = Simulate(800, 5000 + time, harder: true);
            var estimate = PerformanceEstimator.Fit(labels, scores, 0.25).Estimate(drifted, time);

            var measured = BinaryMetrics.Of(truth, drifted, 0.25);
            accuracies += Holds(estimate.Accuracy, measured.Accuracy);
            aucs += Holds(estimate.Auc, measured.Auc);
            error += (estimate.Accuracy.Value - measured.Accuracy) / Times;
        }

        Assert.InRange(accuracies, Times * 0.88, Times);
        Assert.InRange(aucs, Times * 0.88, Times);
        Assert.InRange(error, -0.008, 0.008);

        static int Holds(EstimatedMetric metric, double value) => value >= metric.Interval.Lower && value <= metric.Interval.Upper ? 1 : 0;
    }

    [Fact]
    public void Harder_rows_are_seen_and_concept_drift_is_not()
    {
        var (labels, scores, _) = Simulate(4000, 1);
        var estimator = PerformanceEstimator.Fit(labels, scores, 0.25);
        var (truth, same, _) = Simulate(4000, 2);
        var (_, hard, _) = Simulate(4000, 3, harder: true);

        var before = estimator.Estimate(same);
        var after = estimator.Estimate(hard);

        Assert.True(after.Accuracy.Interval.Upper < before.Accuracy.Interval.Lower);
        // The labels turn around and the scores stay: nothing that has no labels could tell.
        var turned = truth.Select(l => 1 - l).ToArray();
        Assert.True(BinaryMetrics.Of(turned, same, 0.25).Accuracy < before.Accuracy.Interval.Lower);
        Assert.Contains("concept drift", before.Note, StringComparison.Ordinal);
        Assert.True(before.IsEstimate);
    }

    [Fact]
    public void A_reference_that_cannot_calibrate_is_refused()
    {
        Assert.Contains(
            "50 labelled rows",
            Refused([.. Enumerable.Repeat(1.0, 25), .. Enumerable.Repeat(0.0, 25)], new double[50]),
            StringComparison.Ordinal
        );
        Assert.Contains("one class", Refused(new double[200], new double[200]), StringComparison.Ordinal);
        Assert.Contains("missing", Refused([.. new double[199], double.NaN], new double[200]), StringComparison.Ordinal);

        static string Refused(double[] labels, double[] scores) =>
            Assert.Throws<ServerlessException>(() => PerformanceEstimator.Fit(labels, scores)).Message;
    }

    /// <summary>Rows that are positive with a known probability, and scores that order them but are no probabilities.</summary>
    private static (double[] Labels, double[] Scores, double[] Probabilities) Simulate(int rows, int seed, bool harder = false)
    {
        var random = new StableRandom(seed);
        var (labels, scores, probabilities) = (new double[rows], new double[rows], new double[rows]);
        for (var i = 0; i < rows; i++)
        {
            var x = harder ? 0.3 + (0.4 * random.NextDouble()) : random.NextDouble();
            probabilities[i] = x;
            scores[i] = x * x;
            labels[i] = random.NextDouble() < x ? 1 : 0;
        }

        return (labels, scores, probabilities);
    }
}
