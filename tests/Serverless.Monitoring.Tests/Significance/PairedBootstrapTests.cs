using Serverless.Monitoring.Performance;
using Serverless.Monitoring.Significance;

namespace Serverless.Monitoring.Tests.Significance;

public sealed class PairedBootstrapTests
{
    [Fact]
    public void The_same_seed_gives_the_same_numbers_for_ever()
    {
        var (labels, champion, challenger) = Simulation.Classifiers(1, 50);
        var test = PairedBootstrap.Of(
            labels,
            champion,
            challenger,
            BinaryMetrics.LogLossOf,
            higherIsBetter: false,
            replicates: 200,
            seed: 42
        );

        // What this machine computed once. A change here changes the p-values of verdicts that are on record.
        Assert.Equal(0.78109452736318408, test.OneSidedP, 1e-12);
        Assert.Equal(
            test,
            PairedBootstrap.Of(labels, champion, challenger, BinaryMetrics.LogLossOf, higherIsBetter: false, replicates: 200, seed: 42)
        );
        Assert.NotEqual(
            test,
            PairedBootstrap.Of(labels, champion, challenger, BinaryMetrics.LogLossOf, higherIsBetter: false, replicates: 200, seed: 43)
        );
    }

    [Fact]
    public void The_standard_error_of_a_mean_is_the_known_one()
    {
        var (labels, champion, challenger) = Simulation.Regressors(3, 400);
        static double MeanError(ReadOnlySpan<double> labels, ReadOnlySpan<double> scores)
        {
            var sum = 0.0;
            for (var i = 0; i < labels.Length; i++)
            {
                sum += scores[i] - labels[i];
            }

            return sum / labels.Length;
        }

        var test = PairedBootstrap.Of(labels, champion, challenger, MeanError);

        var gains = champion.Zip(challenger, (first, second) => second - first).ToArray();
        var expected = Math.Sqrt(gains.Sum(gain => Math.Pow(gain - gains.Average(), 2)) / (gains.Length - 1) / gains.Length);
        Assert.InRange(test.StandardError / expected, 0.93, 1.07);
        Assert.InRange((test.Interval.Upper - test.Interval.Lower) / (2 * 1.96 * expected), 0.9, 1.1);
    }

    [Fact]
    public void Draws_without_the_metric_count_as_no_gain()
    {
        double[] labels = [1, 0, 0, 0, 0, 0];
        double[] champion = [0.4, 0.1, 0.1, 0.1, 0.1, 0.1];
        double[] challenger = [0.9, 0.1, 0.1, 0.1, 0.1, 0.1];
        var recall = MetricDefinition.Get("recall", ModelTask.BinaryClassification);

        var test = PairedBootstrap.Of(labels, champion, challenger, recall.Function(0.5), replicates: 1000);

        // A draw of 6 rows misses the only positive with probability (5/6)^6 = 0.335.
        Assert.InRange(test.UndefinedReplicates, 285, 385);
        Assert.Equal((1.0 + test.UndefinedReplicates) / 1001, test.OneSidedP, 1e-12);
        Assert.Equal((1.0, 1.0), (test.Interval.Lower, test.Interval.Upper));
    }
}
