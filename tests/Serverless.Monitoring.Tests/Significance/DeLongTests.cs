using Serverless.Monitoring.Significance;

namespace Serverless.Monitoring.Tests.Significance;

public sealed class DeLongTests
{
    [Fact]
    public void The_fast_algorithm_agrees_with_the_definition_ties_included()
    {
        for (var seed = 0; seed < 50; seed++)
        {
            var (labels, champion, challenger) = Simulation.Classifiers(seed, 60);
            if (seed % 2 == 0)
            {
                Round(champion);
                Round(challenger);
            }

            var test = DeLong.Of(labels, champion, challenger);
            var (auc, variance) = ByDefinition(labels, champion, challenger);

            Assert.Equal(auc, test.Difference, 1e-12);
            Assert.Equal(variance, test.Variance, 1e-12);
        }

        static void Round(double[] values)
        {
            for (var i = 0; i < values.Length; i++)
            {
                values[i] = Math.Round(values[i], 1);
            }
        }
    }

    [Fact]
    public void Equal_rankings_are_not_different()
    {
        double[] labels = [0, 1, 0, 1, 1];
        double[] scores = [0.1, 0.4, 0.5, 0.7, 0.8];
        var test = DeLong.Of(labels, scores, [.. scores.Select(score => score * score)]);

        Assert.Equal((0, 0, 0.5, 1), (test.Difference, test.Z, test.OneSidedP, test.TwoSidedP));
    }

    [Fact]
    public void What_cannot_be_tested_is_NaN()
    {
        Assert.True(double.IsNaN(DeLong.Of([0, 0, 1], [0.1, 0.2, 0.3], [0.3, 0.2, 0.1]).OneSidedP));
        Assert.True(double.IsNaN(DeLong.Of([0, 0, 0], [0.1, 0.2, 0.3], [0.3, 0.2, 0.1]).OneSidedP));
        Assert.True(double.IsNaN(DeLong.Of([0, 0, 1, 1], [0.1, double.NaN, 0.3, 0.4], [0.3, 0.2, 0.1, 0.4]).OneSidedP));
        Assert.True(double.IsNaN(DeLong.Of([0, 0, 1, 1], [0.5, 0.5, 0.5, 0.5], [0.1, 0.2, 0.3, 0.4]).OneSidedP));
    }

    // Equations of the paper, pair by pair.
    private static (double Difference, double Variance) ByDefinition(double[] labels, double[] champion, double[] challenger)
    {
        var positives = Enumerable.Range(0, labels.Length).Where(i => labels[i] == 1).ToArray();
        var negatives = Enumerable.Range(0, labels.Length).Where(i => labels[i] == 0).ToArray();
        var gains = (int p, int n) => Above(challenger, p, n) - Above(champion, p, n);
        var byPositive = positives.Select(p => negatives.Average(n => gains(p, n))).ToArray();
        var byNegative = negatives.Select(n => positives.Average(p => gains(p, n))).ToArray();
        return (byPositive.Average(), Spread(byPositive) + Spread(byNegative));

        static double Above(double[] scores, int p, int n) =>
            scores[p] > scores[n] ? 1
            : scores[p] == scores[n] ? 0.5
            : 0;
        static double Spread(double[] values) =>
            values.Sum(value => Math.Pow(value - values.Average(), 2)) / (values.Length - 1) / values.Length;
    }
}
