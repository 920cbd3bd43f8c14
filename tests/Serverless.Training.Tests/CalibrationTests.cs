using System.Globalization;
using System.Text;
using Serverless.Core;
using Serverless.Training.Evaluation;
using Serverless.Training.Learning;
using Serverless.Training.Models;
using Serverless.Training.Tests.Support;

namespace Serverless.Training.Tests;

/// <summary>The score of a binary model is a probability, also where one class is rare.</summary>
public sealed class CalibrationTests : IDisposable
{
    private readonly Bench bench = new();

    public void Dispose() => bench.Dispose();

    [Theory]
    [InlineData("train/fast-tree")]
    [InlineData("train/fast-forest")]
    [InlineData("train/light-gbm")]
    [InlineData("train/lbfgs-logistic")]
    [InlineData("train/sdca")]
    public async Task The_mean_score_is_the_base_rate_where_five_in_a_hundred_are_positive(string trainer)
    {
        var (baseRate, mean, _) = await MeasureAsync(trainer);

        Assert.InRange(baseRate, 0.03, 0.08);
        Assert.InRange(mean, baseRate - 0.015, baseRate + 0.015);
    }

    [Fact]
    public async Task Fast_trees_log_loss_is_about_light_gbms()
    {
        var (_, _, fastTree) = await MeasureAsync("train/fast-tree");
        var (_, _, lightGbm) = await MeasureAsync("train/light-gbm");

        Assert.InRange(fastTree, 0, lightGbm * 1.1);
    }

    private async Task<(double BaseRate, double Mean, double LogLoss)> MeasureAsync(string trainer)
    {
        bench.Write("train.csv", Rare(4_000, 1));
        bench.Write("test.csv", Rare(4_000, 2));
        await bench.RunAsync(
            trainer,
            new
            {
                data = "train.csv",
                label = "fraud",
                model = "model",
            }
        );
        using var model = StoredModel.Load(bench.PathOf("model"));
        var frame = await ModelData.ReadAsync(bench.PathOf("test.csv"), model.Manifest, default);
        var (labels, scores) = (Labels.Read(frame, model.Manifest), model.Score(frame));
        var metrics = ModelMetrics.Of(model.Manifest.Task, labels, scores, 0.5);
        return (labels.Average(), scores.Average(), metrics["log_loss"]);
    }

    private static string Rare(int rows, int seed)
    {
        var random = new StableRandom(seed);
        var text = new StringBuilder("a,b,c,fraud\n");
        for (var i = 0; i < rows; i++)
        {
            var (a, b, c) = (random.NextDouble(), random.NextDouble(), random.NextDouble());
            var probability = 1 / (1 + Math.Exp(5.2 - (3 * a) - (1.5 * b * b)));
            text.Append(CultureInfo.InvariantCulture, $"{a},{b},{c},{(random.NextDouble() < probability ? 1 : 0)}\n");
        }

        return text.ToString();
    }
}
