using Serverless.Core;
using Serverless.Core.Columns;
using Serverless.Training.Tests.Support;

namespace Serverless.Training.Tests;

public sealed class EvaluateTests : IDisposable
{
    private readonly Bench bench = new();

    public void Dispose() => bench.Dispose();

    [Fact]
    public async Task A_binary_model_is_measured_overall_and_slice_by_slice()
    {
        await TrainAsync();
        bench.Write("new.csv", Samples.Small(200, seed: 2));

        var outputs = await bench.RunAsync("evaluate", With(new { slices = new[] { "plan", "active" }, row_id = "id" }));

        var metrics = bench.Json("metrics.json").AsObject();
        Assert.Equal(["accuracy", "auc", "f1", "log_loss", "precision", "recall"], metrics.Select(m => m.Key));
        Assert.Equal((double)metrics["auc"]!, (double)outputs.Values["metrics"]!["auc"]!);
        var report = bench.Json("report.json");
        Assert.Equal(5, report["slices"]!.AsArray().Count);
        Assert.Equal(200, report["slices"]!.AsArray().Take(3).Sum(s => (int)s!["rows"]!));
        Assert.Equal("plan", (string?)report["slices"]![0]!["column"]);
        var predictions = await ColumnReader.ReadAsync(bench.PathOf("predictions.csv"));
        Assert.Equal(["row", "y", "score"], predictions.Columns.Select(c => c.Name));
        Assert.Equal("c7", predictions["row"].GetText(7));
        var accuracy = Enumerable
            .Range(0, 200)
            .Average(r => (predictions["score"].GetNumber(r) >= 0.5) == (predictions["y"].GetNumber(r) == 1) ? 1.0 : 0);
        Assert.Equal(accuracy, (double)metrics["accuracy"]!, 1e-12);
    }

    [Fact]
    public async Task A_threshold_changes_decisions_and_not_the_order()
    {
        await TrainAsync();
        bench.Write("new.csv", Samples.Small(200, seed: 2));

        await bench.RunAsync("evaluate", With(new { }));
        var half = bench.Json("metrics.json");
        await bench.RunAsync("evaluate", With(new { threshold = 0.1 }));
        var low = bench.Json("metrics.json");

        Assert.True((double)low["recall"]! > (double)half["recall"]!);
        Assert.Equal((double)half["auc"]!, (double)low["auc"]!);
    }

    [Fact]
    public async Task A_regression_has_its_own_metrics()
    {
        await bench.RunAsync("train/fast-tree", TrainParametersOf.Regression(bench.Write("train.csv", Samples.Small())));
        bench.Write("new.csv", Samples.Small(200, seed: 2));

        await bench.RunAsync("evaluate", With(new { slices = new[] { "plan" } }));

        Assert.Equal(["rmse", "mae", "r2"], bench.Json("metrics.json").AsObject().Select(m => m.Key));
        Assert.Null(bench.Json("report.json")["threshold"]);
    }

    [Fact]
    public async Task What_is_undefined_is_left_out_and_said()
    {
        await TrainAsync();
        var lines = Samples.Small(200, seed: 2).Split('\n');
        bench.Write("new.csv", string.Join('\n', lines.Where((l, i) => i == 0 || l.Contains(",no,", StringComparison.Ordinal))) + "\n");

        await bench.RunAsync("evaluate", With(new { }));

        Assert.Null(bench.Json("metrics.json")["auc"]);
        Assert.NotNull(bench.Json("metrics.json")["accuracy"]);
        Assert.Contains("auc is undefined", bench.LogText, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("bought", "gone", "There is no column 'bought'")]
    [InlineData(",plan,", ",plans,", "column 'plan' (string) is missing, there is a 'plans'")]
    [InlineData(",yes,", ",maybe,", "the value 'maybe' in row")]
    public async Task Data_that_the_model_does_not_know_are_refused(string from, string to, string says)
    {
        await TrainAsync();
        bench.Write("new.csv", Samples.Small(200, seed: 2).Replace(from, to, StringComparison.Ordinal));

        var wrong = await Assert.ThrowsAsync<ServerlessException>(() => bench.RunAsync("evaluate", With(new { })));

        Assert.Contains(says, wrong.Message, StringComparison.Ordinal);
    }

    private Task TrainAsync() => bench.RunAsync("train/fast-tree", TrainParametersOf.Binary(bench.Write("train.csv", Samples.Small())));

    private static Dictionary<string, object?> With(object more) =>
        Json.Merge(
            new
            {
                model = "model",
                data = "new.csv",
                metrics = "metrics.json",
                predictions = "predictions.csv",
                report = "report.json",
            },
            more
        );
}
