using Serverless.Core;
using Serverless.Monitoring.Comparison;
using Serverless.Monitoring.Performance;

namespace Serverless.Monitoring.Tests.Comparison;

/// <summary>
/// The audit: of two equally good models, how often is the challenger promoted? "New is better than old" says 49 %; a test at
/// alpha may say alpha, plus what a count of this many repetitions varies by (three standard errors).
/// </summary>
public sealed class FalsePromotionTests
{
    private const double Alpha = 0.05;

    [Theory]
    [InlineData("accuracy", 500, 200)]
    [InlineData("auc", 500, 200)]
    [InlineData("auc", 500, 40)]
    [InlineData("log_loss", 200, 150)]
    [InlineData("f1", 200, 150)]
    [InlineData("precision", 200, 150)]
    [InlineData("recall", 200, 150)]
    public void Equally_good_classifiers_are_rarely_promoted(string metric, int repetitions, int rows) =>
        AssertRare(
            repetitions,
            seed =>
            {
                var (labels, champion, challenger) = Simulation.Classifiers(seed, rows);
                return Request(labels, champion, challenger, metric);
            }
        );

    [Theory]
    [InlineData("rmse")]
    [InlineData("mae")]
    [InlineData("r2")]
    public void Equally_good_regressors_are_rarely_promoted(string metric) =>
        AssertRare(
            200,
            seed =>
            {
                var (labels, champion, challenger) = Simulation.Regressors(seed, 150);
                return Request(labels, champion, challenger, metric) with { Task = ModelTask.Regression };
            }
        );

    [Fact]
    public void The_best_of_four_equally_good_candidates_is_rarely_promoted() =>
        AssertRare(
            400,
            seed =>
            {
                var (labels, champion, _) = Simulation.Classifiers(seed, 200);
                var candidates = Enumerable.Range(1, 4).Select(i => Scores(labels, (seed * 10) + i));
                return Request(labels, champion, candidates.MaxBy(scores => BinaryMetrics.Of(labels, scores).Auc)!, "auc") with
                {
                    Candidates = 4,
                };
            }
        );

    private static double[] Scores(double[] labels, int seed)
    {
        var random = new StableRandom(seed);
        return [.. labels.Select(label => 1 / (1 + Math.Exp(-((1.2 * (label - 0.5)) + Simulation.Normal(random)))))];
    }

    private static void AssertRare(int repetitions, Func<int, ComparisonRequest> makeRequest)
    {
        var promoted = 0;
        for (var seed = 0; seed < repetitions; seed++)
        {
            promoted += ModelComparison.Compare(makeRequest(seed)).Promote ? 1 : 0;
        }

        Assert.InRange((double)promoted / repetitions, 0, Alpha + (3 * Math.Sqrt(Alpha * (1 - Alpha) / repetitions)));
    }

    private static ComparisonRequest Request(double[] labels, double[] champion, double[] challenger, string metric) =>
        new()
        {
            Labels = labels,
            Champion = champion,
            Challenger = challenger,
            Metrics = [metric],
            Alpha = Alpha,
            BootstrapReplicates = 200,
        };
}
