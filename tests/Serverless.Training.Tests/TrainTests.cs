using System.IO.Compression;
using Serverless.Core;
using Serverless.Core.Columns;
using Serverless.Training.Evaluation;
using Serverless.Training.Learning;
using Serverless.Training.Models;
using Serverless.Training.Tests.Support;

namespace Serverless.Training.Tests;

public sealed class TrainTests : IDisposable
{
    private readonly Bench bench = new();

    public static readonly TheoryData<string> Trainers = ["fast-tree", "fast-forest", "light-gbm", "lbfgs-logistic", "sdca"];

    public void Dispose() => bench.Dispose();

    [Theory]
    [MemberData(nameof(Trainers))]
    public async Task Every_trainer_learns_a_binary_label_and_gives_probabilities(string trainer)
    {
        await bench.RunAsync("train/" + trainer, TrainParametersOf.Binary(bench.Write("train.csv", Samples.Small(400))));

        using var model = StoredModel.Load(bench.PathOf("model"));
        var frame = await ColumnReader.ReadAsync(bench.PathOf(bench.Write("new.csv", Samples.Small(400, seed: 2))));
        var metrics = Measure(model, frame);
        Assert.True(metrics["auc"] > 0.9, $"auc {metrics["auc"]}");
        // Better than the base rate in log loss: the scores are probabilities, not only an order.
        Assert.True(metrics["log_loss"] < 0.5, $"log loss {metrics["log_loss"]}");
        Assert.All(model.Score(frame), s => Assert.InRange(s, 0, 1));
        Assert.Equal("yes", model.Manifest.PositiveLabel);
        Assert.Equal("yes", model.LabelOf(0.7));
        Assert.Equal("no", model.LabelOf(0.3));
    }

    [Theory]
    [MemberData(nameof(Trainers))]
    public async Task Every_trainer_learns_a_number(string trainer)
    {
        await bench.RunAsync("train/" + trainer, TrainParametersOf.Regression(bench.Write("train.csv", Samples.Small(400))));

        using var model = StoredModel.Load(bench.PathOf("model"));
        var metrics = Measure(model, await ColumnReader.ReadAsync(bench.PathOf(bench.Write("new.csv", Samples.Small(400, seed: 2)))));
        Assert.True(metrics["r2"] > 0.8, $"r2 {metrics["r2"]}");
        Assert.Null(model.LabelOf(1));
    }

    [Theory]
    [MemberData(nameof(Trainers))]
    public async Task The_same_data_parameters_and_seed_give_the_same_bytes(string trainer)
    {
        var data = bench.Write("train.csv", Samples.Small());

        await bench.RunAsync("train/" + trainer, Json.Merge(TrainParametersOf.Binary(data), new { seed = 5, model = "a" }));
        await bench.RunAsync("train/" + trainer, Json.Merge(TrainParametersOf.Binary(data), new { seed = 5, model = "b" }));

        Assert.Equal(Bench.Digest(bench.PathOf("a")), Bench.Digest(bench.PathOf("b")));
        using var zip = ZipFile.OpenRead(bench.PathOf("a/model.zip"));
        Assert.All(zip.Entries, e => Assert.Equal(1980, e.LastWriteTime.Year));
        Assert.Equal(zip.Entries.Select(e => e.FullName).Order(StringComparer.Ordinal), zip.Entries.Select(e => e.FullName));
    }

    [Fact]
    public async Task Trainers_side_by_side_give_what_they_give_alone()
    {
        var data = bench.Write("train.csv", Samples.Small());
        string[] trainers = [.. Trainers.Select(t => t.Data)];
        foreach (var trainer in trainers)
        {
            await bench.RunAsync("train/" + trainer, Json.Merge(TrainParametersOf.Binary(data), new { model = "alone/" + trainer }));
        }

        await Parallel.ForAsync(
            0,
            trainers.Length * 3,
            new ParallelOptions { MaxDegreeOfParallelism = 8 },
            async (i, _) =>
                await bench.RunAsync(
                    "train/" + trainers[i % trainers.Length],
                    Json.Merge(TrainParametersOf.Binary(data), new { model = $"together/{i}" })
                )
        );

        for (var i = 0; i < trainers.Length * 3; i++)
        {
            Assert.Equal(Bench.Digest(bench.PathOf("alone/" + trainers[i % trainers.Length])), Bench.Digest(bench.PathOf($"together/{i}")));
        }
    }

    [Fact]
    public void A_missing_native_library_is_told_with_what_to_install()
    {
        var thrown = new InvalidOperationException(
            "outer",
            new TypeInitializationException("x", new DllNotFoundException("libgomp.so.1: cannot open shared object file"))
        );

        Assert.True(NativeLibrary.IsMissing(thrown));
        Assert.False(NativeLibrary.IsMissing(new InvalidOperationException("outer")));
        var told = NativeLibrary.Explain(thrown);
        Assert.Equal(ErrorCodes.Environment, told.Code);
        Assert.Contains("libgomp.so.1", told.Message, StringComparison.Ordinal);
        Assert.NotNull(told.Fix);
    }

    [Fact]
    public async Task A_map_of_hyper_parameters_is_what_the_parameters_themselves_are()
    {
        var data = bench.Write("train.csv", Samples.Small());

        await bench.RunAsync(
            "train/fast-tree",
            Json.Merge(
                TrainParametersOf.Binary(data),
                new
                {
                    number_of_trees = 7,
                    seed = 3,
                    model = "a",
                }
            )
        );
        await bench.RunAsync(
            "train/fast-tree",
            Json.Merge(TrainParametersOf.Binary(data), new { parameters = new { number_of_trees = 7, seed = 3 }, model = "b" })
        );

        Assert.Equal(Bench.Digest(bench.PathOf("a")), Bench.Digest(bench.PathOf("b")));
        using var model = StoredModel.Load(bench.PathOf("a"));
        Assert.Equal(7, (long)model.Manifest.Parameters["number_of_trees"]!);
        Assert.Equal(3, (long)model.Manifest.Parameters["seed"]!);
        Assert.Equal(0.2, (double)model.Manifest.Parameters["learning_rate"]!);
    }

    [Theory]
    [InlineData("label", "label = 'bougth'", "There is no column 'bougth'", "bought")]
    [InlineData("exclude", "exclude = 'idd'", "There is no column 'idd' to exclude", "id")]
    [InlineData("positive", "positive_label = 'maybe'", "'maybe' is not among the values", null)]
    [InlineData("plan", "label = 'plan'", "more than two values (basic, free, pro)", null)]
    [InlineData("amount", "label = 'amount'", "more than two values", "task to regression")]
    [InlineData("text", "label = 'plan', task = 'regression'", "not numbers", null)]
    [InlineData("id", "exclude = 'plan', maximum_category_count = 50", "Column 'id' has more than 50 different texts", "exclude")]
    public async Task What_does_not_fit_is_refused_with_what_would(string which, string change, string says, string? fix)
    {
        var data = bench.Write("train.csv", Samples.Small(200));
        object more = which switch
        {
            "label" => new { label = "bougth" },
            "exclude" => new { exclude = new[] { "idd" } },
            "positive" => new { positive_label = "maybe" },
            "plan" => new { label = "plan" },
            "amount" => new { label = "amount", exclude = new[] { "id" } },
            "text" => new { label = "plan", task = "regression" },
            _ => new { exclude = new[] { "plan" }, maximum_category_count = 50 },
        };

        var wrong = await Assert.ThrowsAsync<ServerlessException>(() =>
            bench.RunAsync("train/fast-tree", Json.Merge(TrainParametersOf.Binary(data), more))
        );

        Assert.True(wrong.Message.Contains(says, StringComparison.Ordinal), $"{change}: {wrong.Message}");
        Assert.Contains(fix ?? "", wrong.Fix ?? "", StringComparison.Ordinal);
        Assert.False(Directory.Exists(bench.PathOf("model")));
    }

    [Theory]
    [InlineData("x,y\n1,yes\n2,yes\n", "only the value 'yes'")]
    [InlineData("x,y\n1,yes\n2,\n3,no\n", "missing in 1 of 3 rows (the first is row 1)")]
    [InlineData("x,y\n", "no rows")]
    [InlineData("x,y\n1,A\n2,B\n", "Which value of 'y' is the positive one, 'A' or 'B'?")]
    [InlineData("x,y\ninf,yes\n2,no\n", "Column 'x' is inf in row 0")]
    [InlineData("x,y\n,yes\n,no\n", "No column is left to learn from")]
    [InlineData("y\nyes\nno\n", "No column is left to learn from")]
    public async Task Data_that_nobody_can_learn_from_is_refused(string text, string says)
    {
        var data = bench.Write("train.csv", text);

        var wrong = await Assert.ThrowsAsync<ServerlessException>(() =>
            bench.RunAsync(
                "train/fast-tree",
                new
                {
                    data,
                    label = "y",
                    model = "model",
                }
            )
        );

        Assert.Contains(says, wrong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Poisson_regression_refuses_negative_labels_and_names_who_takes_them()
    {
        var data = bench.Write("train.csv", "x,y\n1,3\n2,-1\n3,4\n");

        var wrong = await Assert.ThrowsAsync<ServerlessException>(() =>
            bench.RunAsync(
                "train/lbfgs-logistic",
                new
                {
                    data,
                    label = "y",
                    task = "regression",
                    model = "model",
                }
            )
        );

        Assert.Contains("row 1 has -1", wrong.Message, StringComparison.Ordinal);
        Assert.Contains("train/sdca", wrong.Fix, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_column_without_any_value_is_left_out_and_a_constant_one_does_no_harm()
    {
        var lines = Samples.Small().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var data = bench.Write("train.csv", string.Join('\n', lines.Select((l, i) => l + (i == 0 ? ",empty,constant" : ",,5"))) + "\n");

        foreach (var trainer in new[] { "lbfgs-logistic", "fast-tree" })
        {
            await bench.RunAsync("train/" + trainer, TrainParametersOf.Binary(data));
            using var model = StoredModel.Load(bench.PathOf("model"));
            var frame = await ColumnReader.ReadAsync(bench.PathOf(data));

            Assert.DoesNotContain(model.Manifest.Inputs, i => i.Name == "empty");
            Assert.All(model.Score(frame), s => Assert.False(double.IsNaN(s)));
            Assert.True(Measure(model, frame)["auc"] > 0.9);
        }

        Assert.Contains("Column 'empty' has no value", bench.LogText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cancelled_task_stops_and_leaves_no_model()
    {
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            bench.RunAsync(
                "train/fast-tree",
                TrainParametersOf.Binary(bench.Write("train.csv", Samples.Small())),
                cancellationToken: cancelled.Token
            )
        );

        Assert.False(Directory.Exists(bench.PathOf("model")));
    }

    private static IReadOnlyDictionary<string, double> Measure(StoredModel model, ColumnFrame frame) =>
        ModelMetrics.Of(model.Manifest.Task, Labels.Read(frame, model.Manifest), model.Score(frame), model.Manifest.Threshold);
}
