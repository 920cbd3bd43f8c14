using System.Text.Json.Nodes;
using Serverless.Core;
using Serverless.Core.Columns;
using Serverless.Training.Models;
using Serverless.Training.Tests.Support;

namespace Serverless.Training.Tests;

public sealed class StoredModelTests : IAsyncLifetime
{
    private readonly Bench bench = new();
    private ColumnFrame frame = null!;
    private StoredModel model = null!;

    public async ValueTask InitializeAsync()
    {
        await bench.RunAsync("train/fast-tree", TrainParametersOf.Binary(bench.Write("train.csv", Samples.Small())));
        model = StoredModel.Load(bench.PathOf("model"));
        frame = await ColumnReader.ReadAsync(bench.PathOf("train.csv"));
    }

    public ValueTask DisposeAsync()
    {
        model.Dispose();
        bench.Dispose();
        return ValueTask.CompletedTask;
    }

    [Theory]
    [InlineData("artifact_path: model\n? &a {? *a : 1}\n: b\n")]
    [InlineData("[")]
    [InlineData("flavors: [")]
    [InlineData("")]
    public void A_description_that_is_made_to_end_the_process_is_refused(string text)
    {
        File.WriteAllText(bench.PathOf("model/MLmodel"), text == "[" ? new string('[', 100_000) : text);

        var e = Assert.Throws<ServerlessException>(() => MlmodelFile.Read(bench.PathOf("model")));

        Assert.Equal(400, e.Status);
        Assert.Contains("MLmodel", e.Message);
    }

    [Fact]
    public void The_folder_is_laid_out_as_MLflow_does_it()
    {
        Assert.Equal(
            ["MLmodel", "input_example.json", "model.zip", "serving_input_example.json"],
            Directory.EnumerateFiles(bench.PathOf("model")).Select(Path.GetFileName).Order(StringComparer.Ordinal)
        );
        var mlmodel = Yaml.ToJson(bench.Read("model/MLmodel"))!;
        Assert.Equal("model", (string?)mlmodel["artifact_path"]);
        Assert.Equal("model.zip", (string?)mlmodel["flavors"]!["mlnet"]!["data"]);
        Assert.Equal("binary", (string?)mlmodel["flavors"]!["mlnet"]!["task"]);
        Assert.Equal("dataframe", (string?)mlmodel["saved_input_example_info"]!["type"]);
        Assert.Equal(Bench.Digest(bench.PathOf("train.csv")), (string?)mlmodel["metadata"]!["training_data"]!["digest"]);
        var inputs = JsonNode.Parse((string)mlmodel["signature"]!["inputs"]!)!.AsArray();
        Assert.Equal(["age", "income", "plan", "active"], inputs.Select(i => (string)i!["name"]!));
        Assert.Equal(["long", "double", "string", "boolean"], inputs.Select(i => (string)i!["type"]!));
        Assert.Equal([true, false, true, true], inputs.Select(i => (bool)i!["required"]!));
        var example = bench.Json("model/input_example.json");
        Assert.Equal(["age", "income", "plan", "active"], example["columns"]!.AsArray().Select(c => (string)c!));
        Assert.True(JsonNode.DeepEquals(example, bench.Json("model/serving_input_example.json")["dataframe_split"]));
        // MLflow's reader is of YAML 1.1: a bare no would be false to it.
        Assert.Contains("negative_label: \"no\"", bench.Read("model/MLmodel"), StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_written_is_read_again()
    {
        var again = ModelManifestFile.Write(model.Manifest);

        Assert.Equal(bench.Read("model/MLmodel"), again);
    }

    [Fact]
    public void One_row_scores_what_it_scores_among_many()
    {
        var all = model.Score(frame);

        // One after the other through the same scorer: nothing of one row stays for the next.
        Assert.All(Enumerable.Range(0, 50), row => Assert.Equal(all[row], Assert.Single(model.Score(frame.Take([row])))));
        Assert.True(all.Distinct().Count() > 20);
    }

    [Fact]
    public void Many_threads_may_score_at_a_time()
    {
        var expected = model.Score(frame);
        var many = frame.Take([.. Enumerable.Range(0, 3000).Select(i => i % frame.RowCount)]);

        Parallel.For(
            0,
            16,
            i =>
            {
                var scores = model.Score(i % 2 == 0 ? many : frame);
                for (var row = 0; row < scores.Length; row++)
                {
                    Assert.Equal(expected[row % expected.Length], scores[row]);
                }
            }
        );
    }

    [Fact]
    public void Unseen_categories_missing_values_and_missing_optional_columns_are_scored()
    {
        var unseen = frame.With(Column.FromTexts("plan", [.. Enumerable.Repeat("platinum", frame.RowCount)]));
        var nulls = frame.With(Column.FromTexts("plan", new string?[frame.RowCount]));
        var gaps = frame.With(Column.FromNumbers("age", [.. Enumerable.Repeat(double.NaN, frame.RowCount)]));
        var without = frame.Without("income");

        Assert.Equal(model.Score(nulls), model.Score(unseen));
        Assert.All(model.Score(gaps).Concat(model.Score(without)), s => Assert.InRange(s, 0, 1));
        Assert.Empty(model.Score(frame.Take([])));
    }

    [Fact]
    public void The_order_of_columns_and_columns_too_many_do_not_matter()
    {
        var shuffled = frame.Select(["plan", "amount", "income", "active", "age"]);

        Assert.Equal(model.Score(frame), model.Score(shuffled));
    }

    [Fact]
    public void What_does_not_fit_the_signature_is_named_all_at_once()
    {
        var wrong = Assert.Throws<ServerlessException>(() =>
            model.Score(
                new ColumnFrame(Column.FromTexts("age", ["old"]), Column.FromNumbers("plan", [1.5]), Column.FromNumbers("Active", [1]))
            )
        );

        Assert.Contains("column 'age' must be long, but holds text (as 'old')", wrong.Message, StringComparison.Ordinal);
        Assert.Contains("column 'plan' must be string, but holds numbers (as 1.5)", wrong.Message, StringComparison.Ordinal);
        Assert.Contains("column 'active' (boolean) is missing, there is a 'Active'", wrong.Message, StringComparison.Ordinal);
        Assert.Equal(3, wrong.Diagnostics.Count);
    }

    [Fact]
    public void Whole_numbers_may_come_as_doubles_but_fractions_are_no_whole_numbers()
    {
        var ages = frame["age"].Numbers.ToArray();

        Assert.Equal(model.Score(frame), model.Score(frame.With(Column.FromNumbers("age", ages))));
        ages[3] += 0.5;
        var wrong = Assert.Throws<ServerlessException>(() => model.Score(frame.With(Column.FromNumbers("age", ages))));
        Assert.Contains(".5)", wrong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_category_that_looks_like_a_number_in_one_file_is_read_as_the_text_it_is()
    {
        bench.Write("codes.csv", "code,x,y\n1,1,yes\n2,5,no\nn/a,2,yes\n1,1.5,yes\n2,4,no\n2,6,no\n1,2,yes\n2,7,no\nn/a,1,yes\n2,5,no\n");
        await bench.RunAsync(
            "train/lbfgs-logistic",
            new
            {
                data = "codes.csv",
                label = "y",
                model = "codes",
            }
        );
        bench.Write("new.csv", "code,x,y\n1,1,yes\n2,5,no\n");

        var outputs = await bench.RunAsync(
            "evaluate",
            new
            {
                model = "codes",
                data = "new.csv",
                metrics = "m.json",
            }
        );

        Assert.Equal(1.0, (double)outputs.Values["metrics"]!["accuracy"]!);
    }

    [Fact]
    public void Folders_that_hold_no_model_of_ours_are_refused()
    {
        Assert.Equal(
            ErrorCodes.ResourceDoesNotExist,
            Assert.Throws<ServerlessException>(() => StoredModel.Load(bench.PathOf("nowhere"))).Code
        );
        bench.Write("sk/MLmodel", "flavors:\n  sklearn: {pickled_model: model.pkl}\nsignature: {inputs: '[]'}\n");
        Assert.Contains(
            "no flavor 'mlnet'",
            Assert.Throws<ServerlessException>(() => StoredModel.Load(bench.PathOf("sk"))).Message,
            StringComparison.Ordinal
        );
        bench.Write("bad/MLmodel", "flavors: [\n");
        Assert.Throws<ServerlessException>(() => StoredModel.Load(bench.PathOf("bad")));
        bench.Write("cut/MLmodel", bench.Read("model/MLmodel"));
        Assert.Contains(
            "cannot be loaded",
            Assert.Throws<ServerlessException>(() => StoredModel.Load(bench.PathOf("cut"))).Message,
            StringComparison.Ordinal
        );
        File.WriteAllBytes(bench.PathOf("cut/model.zip"), [.. File.ReadAllBytes(bench.PathOf("model/model.zip")).Take(2000)]);
        Assert.Contains(
            "cannot be loaded",
            Assert.Throws<ServerlessException>(() => StoredModel.Load(bench.PathOf("cut"))).Message,
            StringComparison.Ordinal
        );
    }
}
