using Serverless.Core;
using Serverless.Monitoring.Comparison;
using Serverless.Monitoring.Performance;

namespace Serverless.Monitoring.Tests.Comparison;

public sealed class ModelComparisonTests
{
    [Theory]
    [InlineData("accuracy", "McNemar's exact test")]
    [InlineData("auc", "DeLong's test")]
    [InlineData("log_loss", "paired bootstrap")]
    [InlineData("f1", "paired bootstrap")]
    [InlineData("precision", "paired bootstrap")]
    [InlineData("recall", "paired bootstrap")]
    public void A_clearly_better_classifier_is_promoted_by_each_metric_and_a_worse_one_is_not(string metric, string test)
    {
        var (labels, champion, challenger) = Simulation.Classifiers(1, 800, championSeparation: 0.8, challengerSeparation: 2.5);
        var request = Request(labels, champion, challenger, metric);

        var better = ModelComparison.Compare(request);
        Assert.True(better.Promote, string.Join("\n", better.Reasons));
        Assert.Equal((metric, test), (better.Metrics[0].Metric, better.Metrics[0].Test));
        Assert.InRange(better.Metrics[0].PValue!.Value, 0, 0.05);
        Assert.True(better.Metrics[0].Effect > 0);
        Assert.InRange(better.Metrics[0].Effect!.Value, better.Metrics[0].Interval!.Lower, better.Metrics[0].Interval!.Upper);
        Assert.Contains($"{metric} goes from", better.Reasons[0]);

        var worse = ModelComparison.Compare(request with { Champion = challenger, Challenger = champion });
        Assert.False(worse.Promote);
        Assert.InRange(worse.Metrics[0].PValue!.Value, 0.95, 1);
        Assert.Contains("no gain", worse.Reasons.Single());
    }

    [Theory]
    [InlineData("rmse")]
    [InlineData("mae")]
    [InlineData("r2")]
    public void A_clearly_better_regressor_is_promoted_by_each_metric_and_a_worse_one_is_not(string metric)
    {
        var (labels, champion, challenger) = Simulation.Regressors(1, 300, championError: 2);
        var request = Request(labels, champion, challenger, metric) with { Task = ModelTask.Regression };

        Assert.True(ModelComparison.Compare(request).Promote);
        Assert.False(ModelComparison.Compare(request with { Champion = challenger, Challenger = champion }).Promote);
        Assert.True(ModelComparison.Compare(request with { Metrics = [] }).Promote);
    }

    [Fact]
    public async Task A_tiny_gain_that_may_be_chance_is_not_promoted()
    {
        var golden = await Golden.ReadAsync("churn_logreg_vs_gb");

        var verdict = ModelComparison.Compare(Request(golden.Labels, golden.Champion, golden.Challenger));

        Assert.False(verdict.Promote);
        Assert.Equal(
            [
                "auc goes from 0.853119 to 0.85405 (effect +0.000931), but this may be chance: p = 0.4158 by DeLong's test, and it "
                    + "must be at most 0.05.",
            ],
            verdict.Reasons
        );
    }

    [Fact]
    public void A_significant_gain_below_the_minimum_effect_is_not_promoted()
    {
        var (labels, champion, challenger) = Simulation.Classifiers(1, 800, championSeparation: 0.8, challengerSeparation: 2.5);
        var request = Request(labels, champion, challenger) with { MinimumEffect = 0.5 };

        Assert.EndsWith("but the gain must be at least 0.5.", ModelComparison.Compare(request).Reasons.Single());
    }

    [Fact]
    public void All_deciding_metrics_must_be_better()
    {
        var (labels, champion, challenger) = Simulation.Classifiers(1, 800, championSeparation: 0.8, challengerSeparation: 2.5);

        // The same ranking, but overconfident.
        double[] overconfident = [.. challenger.Select(score => Math.Clamp((score - 0.5) * 1e6, 1e-9, 1 - 1e-9))];
        var verdict = ModelComparison.Compare(Request(labels, champion, overconfident, "accuracy", "log_loss"));

        Assert.False(verdict.Promote);
        Assert.StartsWith("log_loss", verdict.Reasons.Single());
        Assert.Equal(["accuracy", "log_loss", "auc", "f1", "precision", "recall"], verdict.Metrics.Select(metric => metric.Metric));
    }

    [Fact]
    public void Identical_predictions_are_not_promoted()
    {
        var (labels, champion, _) = Simulation.Classifiers(1, 100);

        var verdict = ModelComparison.Compare(Request(labels, champion, [.. champion], "accuracy", "auc", "log_loss"));

        Assert.False(verdict.Promote);
        Assert.Equal("The challenger's predictions equal the champion's on all 100 rows, so there is no gain.", verdict.Reasons.Single());
    }

    [Fact]
    public void Without_a_champion_the_floors_decide()
    {
        var (labels, _, challenger) = Simulation.Classifiers(1, 500);
        var request = Request(labels, null, challenger) with
        {
            Floors = new Dictionary<string, double> { ["accuracy"] = 0.6, ["log_loss"] = 0.65 },
        };

        var promoted = ModelComparison.Compare(request);
        Assert.True(promoted.Promote);
        Assert.Equal("There is no champion, so the floors decide.", promoted.Reasons[0]);
        Assert.Equal(3, promoted.Reasons.Count);

        var refused = ModelComparison.Compare(
            request with
            {
                Floors = new Dictionary<string, double> { ["accuracy"] = 0.99, ["log_loss"] = 0.01 },
            }
        );
        Assert.False(refused.Promote);
        Assert.EndsWith("below its floor of 0.99.", refused.Reasons[0]);
        Assert.EndsWith("above its limit of 0.01.", refused.Reasons[1]);
    }

    [Fact]
    public void A_broken_floor_outweighs_a_significant_gain()
    {
        var (labels, champion, challenger) = Simulation.Classifiers(1, 800, championSeparation: 0.8, challengerSeparation: 2.5);
        var request = Request(labels, champion, challenger) with { Floors = new Dictionary<string, double> { ["accuracy"] = 0.999 } };

        Assert.EndsWith("below its floor of 0.999.", ModelComparison.Compare(request).Reasons.Single());
    }

    public static TheoryData<double[], double[], string> UndefinedChallengers =>
        new()
        {
            { [1, 0, 1, 0], [0.9, double.NaN, 0.8, 0.1], "1 of 4 predictions" },
            { [1, 0, 1, 0], [0.4, 0.1, 0.3, 0.2], "never predicts the positive class" },
            { [1, 0, 1, 0], [4, -1, 3, 2], "not probabilities" },
            { [1, 1, 1, 1], [0.9, 0.8, 0.7, 0.6], "only one class" },
            { [], [], "no test rows" },
        };

    [Theory]
    [MemberData(nameof(UndefinedChallengers))]
    public void An_undefined_metric_is_never_promoted(double[] labels, double[] challenger, string reason)
    {
        double[] champion = [.. labels.Select(_ => 0.5)];

        Assert.Contains(reason, ModelComparison.Compare(Request(labels, champion, challenger)).Reasons[0]);
        Assert.Contains(reason, ModelComparison.Compare(Request(labels, null, challenger)).Reasons.Single());
        Assert.False(ModelComparison.Compare(Request(labels, champion, challenger)).Promote);
    }

    [Fact]
    public void A_champion_that_fails_and_a_test_that_cannot_be_done_are_told()
    {
        var (labels, _, challenger) = Simulation.Classifiers(1, 100);
        double[] broken = [.. labels.Select(_ => double.NaN)];
        Assert.Contains("champion's auc is undefined", ModelComparison.Compare(Request(labels, broken, challenger)).Reasons.Single());

        // A constant champion and a perfect challenger: nothing varies.
        var verdict = ModelComparison.Compare(Request(labels, [.. labels.Select(_ => 0.5)], [.. labels]));
        Assert.False(verdict.Promote);
        Assert.Contains("DeLong's test is undefined", verdict.Reasons.Single());
    }

    [Fact]
    public void The_best_of_many_candidates_must_show_more()
    {
        var (labels, champion, challenger) = Simulation.Classifiers(1, 400, championSeparation: 1.0, challengerSeparation: 1.3);
        var one = ModelComparison.Compare(Request(labels, champion, challenger)).Metrics[0].PValue!.Value;
        var four = ModelComparison.Compare(Request(labels, champion, challenger) with { Candidates = 4 }).Metrics[0].PValue!.Value;

        Assert.Equal(Math.Min(1, 4 * one), four, 1e-12);
    }

    [Fact]
    public void Requests_that_make_no_sense_are_refused()
    {
        var request = Request([1, 0], [0.1, 0.2], [0.3, 0.4]);

        AssertRefused(request with { Alpha = 0.5 }, "Alpha is 0.5.");
        AssertRefused(request with { Alpha = double.NaN }, "Alpha is NaN.");
        AssertRefused(request with { MinimumEffect = -1 }, "The minimum effect is -1.");
        AssertRefused(request with { Candidates = 0 }, "The number of candidates is 0.");
        AssertRefused(request with { Metrics = ["f1"], BootstrapReplicates = 10 }, "The number of bootstrap replicates is 10.");
        AssertRefused(
            request with
            {
                Metrics = ["rmse"],
            },
            "'rmse' is not a metric for binary classification: use one of accuracy, auc, f1, log_loss, precision, recall."
        );
        AssertRefused(
            request with
            {
                Floors = new Dictionary<string, double> { ["gini"] = 1 },
            },
            "'gini' is not a metric for binary classification: use one of accuracy, auc, f1, log_loss, precision, recall."
        );
        AssertRefused(request with { Champion = [1] }, "There are 2 labels but 1 champion scores.");
        AssertRefused(request with { Labels = [1, 2] }, "The label of row 2 is 2; labels of two classes must be 0 or 1.");

        static void AssertRefused(ComparisonRequest request, string message)
        {
            var error = Assert.Throws<ServerlessException>(() => ModelComparison.Compare(request));
            Assert.Equal(message, error.Message);
            Assert.NotNull(error.Fix);
        }
    }

    private static ComparisonRequest Request(double[] labels, double[]? champion, double[] challenger, params string[] metrics) =>
        new()
        {
            Labels = labels,
            Champion = champion,
            Challenger = challenger,
            Metrics = metrics,
        };
}
