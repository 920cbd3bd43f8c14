using Serverless.Core;
using Serverless.Core.Columns;
using Serverless.Monitoring.Performance;

namespace Serverless.Monitoring.Tests.Performance;

public sealed class MetricTests
{
    [Fact]
    public void Binary_metrics_by_hand()
    {
        var metrics = BinaryMetrics.Of([1, 1, 1, 0, 0, 0, 0, 0], [0.9, 0.6, 0.2, 0.7, 0.51, 0.5, 0.2, 0.1]);

        Assert.Equal(new ConfusionMatrix(2, 2, 3, 1), metrics.Confusion);
        Assert.Equal(5 / 8.0, metrics.Accuracy);
        Assert.Equal(2 / 4.0, metrics.Precision);
        Assert.Equal(2 / 3.0, metrics.Recall);
        Assert.Equal(4 / 7.0, metrics.F1, 1e-15);
        Assert.Equal(4 / 8.0, metrics.PositiveRate);
        Assert.Equal(3 / 8.0, metrics.Prevalence);

        // Pairs won: 5 by 0.9, 4 by 0.6, and 1 and a half by 0.2.
        Assert.Equal(10.5 / 15, metrics.Auc, 1e-15);
        Assert.Equal(["accuracy", "auc", "f1", "log_loss", "precision", "recall", "positive_rate"], metrics.ToDictionary().Keys);
    }

    [Fact]
    public void The_threshold_moves_decisions_but_not_rankings()
    {
        double[] labels = [1, 0, 1, 0];
        double[] scores = [0.9, 0.8, 0.7, 0.1];

        Assert.Equal(1, BinaryMetrics.Of(labels, scores, 0.8).Precision);
        Assert.Equal(0.5, BinaryMetrics.Of(labels, scores, 0.8).Recall);
        Assert.Equal(BinaryMetrics.Of(labels, scores, 0.9).Auc, BinaryMetrics.Of(labels, scores, 0.1).Auc);
    }

    [Fact]
    public void Undefined_metrics_are_NaN()
    {
        Assert.All(BinaryMetrics.Of([], []).ToDictionary().Values, value => Assert.True(double.IsNaN(value)));
        Assert.All(BinaryMetrics.Of([1, 0], [0.5, double.NaN]).ToDictionary().Values, value => Assert.True(double.IsNaN(value)));
        Assert.All(BinaryMetrics.Of([1, double.NaN], [0.5, 0.5]).ToDictionary().Values, value => Assert.True(double.IsNaN(value)));

        var never = BinaryMetrics.Of([1, 0, 0], [0.1, 0.1, 0.1]);
        Assert.True(double.IsNaN(never.Precision));
        Assert.Equal((0, 0, 0.5), (never.Recall, never.F1, never.Auc));

        var oneClass = BinaryMetrics.Of([0, 0], [0.1, 0.7]);
        Assert.True(double.IsNaN(oneClass.Auc));
        Assert.True(double.IsNaN(oneClass.Recall));
        Assert.Equal(0, oneClass.Precision);

        Assert.True(double.IsNaN(BinaryMetrics.Of([1, 0], [3.0, -1.0]).LogLoss));
        Assert.True(double.IsFinite(BinaryMetrics.Of([1, 0], [0.0, 1.0]).LogLoss));
    }

    [Fact]
    public void Regression_metrics_by_hand()
    {
        var metrics = RegressionMetrics.Of([1, 2, 3, 6], [1, 3, 3, 4]);

        Assert.Equal(Math.Sqrt(5 / 4.0), metrics.Rmse, 1e-15);
        Assert.Equal(3 / 4.0, metrics.Mae);
        Assert.Equal(1 - (5 / 14.0), metrics.R2, 1e-15);
        Assert.Equal(["rmse", "mae", "r2"], metrics.ToDictionary().Keys);

        Assert.True(double.IsNaN(RegressionMetrics.Of([2, 2], [1, 3]).R2));
        Assert.All(RegressionMetrics.Of([], []).ToDictionary().Values, value => Assert.True(double.IsNaN(value)));
        Assert.All(RegressionMetrics.Of([1, 2], [1, double.NaN]).ToDictionary().Values, value => Assert.True(double.IsNaN(value)));
    }

    [Fact]
    public void R2_keeps_its_digits_far_from_zero()
    {
        double[] labels = [.. Enumerable.Range(0, 1000).Select(i => 1e9 + (i * 0.001))];
        double[] predictions = [.. labels.Select(label => label + 0.1)];

        Assert.Equal(1 - (0.01 / (1e-6 * ((1000.0 * 1000) - 1) / 12)), RegressionMetrics.Of(labels, predictions).R2, 1e-4);
    }

    [Fact]
    public void Slices_cover_all_rows_the_largest_first()
    {
        double[] labels = [1, 0, 1, 0, 1, 0];
        double[] scores = [0.9, 0.1, 0.2, 0.8, 0.7, 0.3];
        var slices = SliceMetrics.Binary(labels, scores, Column.FromTexts("contract", ["b", "b", "a", "a", null, "b"]));

        Assert.Equal(["b", "a", null], slices.Select(slice => slice.Value));
        Assert.Equal([1, 0, 1], slices.Select(slice => slice.Metrics.Accuracy));
        Assert.Equal(6, slices.Sum(slice => slice.Metrics.Count));
        Assert.Equal(
            2,
            SliceMetrics.Regression(labels, scores, Column.FromBooleans("flag", [true, true, true, false, false, false])).Count
        );
    }

    [Fact]
    public void Labels_and_scores_must_fit()
    {
        Assert.Contains("2 labels but 1 scores", Assert.Throws<ServerlessException>(() => BinaryMetrics.Of([1, 0], [1])).Message);
        Assert.Contains("row 2 is 2", Assert.Throws<ServerlessException>(() => BinaryMetrics.Of([1, 2], [1, 0])).Message);
        var error = Assert.Throws<ServerlessException>(() => MetricDefinition.Get("acuracy", ModelTask.BinaryClassification));
        Assert.Equal("Did you mean 'accuracy'?", error.Fix);
    }
}
