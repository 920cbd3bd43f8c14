using Serverless.Automation.Inbox;
using Serverless.Core;
using Serverless.Core.Columns;
using Serverless.Monitoring.Drift;
using Serverless.Monitoring.Validation;
using Serverless.Testing;
using Serverless.Training.Evaluation;
using Serverless.Training.Models;
using Serverless.Training.Tests.Support;

namespace Serverless.Automation.Tests;

/// <summary>
/// One table over all doors: a column as the reference has it, the same values as another writer has them, and whether every door takes
/// them.
/// </summary>
public sealed class OneValueOneTypeTests
{
    private const string Whole = "visits";
    private const string Truth = "active";
    private const string Number = "income";

    [Theory]
    [InlineData(Whole, "2.0||5.0", true)] // pandas, where the column has gaps
    [InlineData(Whole, "2||5", true)]
    [InlineData(Whole, "2.5||5.0", false)]
    [InlineData(Whole, "True|False|True", true)]
    [InlineData(Whole, "3,14|2,0|1,5", false)]
    [InlineData(Whole, "2026-01-01|2026-01-02|2026-01-03", false)]
    [InlineData(Number, "2|3|4", true)]
    [InlineData(Number, "2.5||NaN", true)]
    [InlineData(Number, "3,14|2,0|1,5", false)]
    [InlineData(Truth, "1|0|1", true)]
    [InlineData(Truth, "1.0|0.0|", true)]
    [InlineData(Truth, "True|False|TRUE", true)]
    [InlineData(Truth, "1|2|0", false)]
    public async Task Every_door_says_the_same_of_a_value(string column, string values, bool isTaken)
    {
        using var bench = new Bench();
        bench.Write("train.csv", Reference());
        var texts = values.Split('|');
        bench.Write("new.csv", New(column, texts));
        var (reference, current) = (await ReadAsync(bench, "train.csv"), await ReadAsync(bench, "new.csv"));
        await bench.RunAsync(
            "train/fast-tree",
            new
            {
                data = "train.csv",
                label = "left",
                model = "model",
            }
        );
        using var model = StoredModel.Load(bench.PathOf("model"));

        var types = reference.Columns.ToDictionary(c => c.Name, c => c.Type);
        Assert.Equal(isTaken, SchemaDiff.Of(types, current, allowNewColumns: false).Count == 0);
        Assert.Equal(
            isTaken,
            DataValidator
                .Validate(current, new DataSchema { Columns = [.. types.Select(t => new ColumnSchema { Name = t.Key, Type = t.Value })] })
                .Ok
        );
        var drift = DriftDetector.Compare(reference, current).DriftByColumns[column];
        Assert.Equal(isTaken || current[column].IsNumeric, drift.Note is null || !drift.Note.Contains("text", StringComparison.Ordinal));
        Assert.Equal(
            isTaken,
            await TakesAsync(async () => model.Score(await ModelData.ReadAsync(bench.PathOf("new.csv"), model.Manifest, default)))
        );
        Assert.Equal(isTaken, await TakesAsync(() => Task.FromResult(model.Score(Typed(current)))));
        Assert.Equal(
            isTaken,
            await TakesAsync(() =>
                bench.RunAsync(
                    "evaluate",
                    new
                    {
                        model = "model",
                        data = "new.csv",
                        metrics = "metrics.json",
                        predictions = "predictions.csv",
                    }
                )
            )
        );
    }

    [Theory]
    [InlineData("0|1|0|1", "False|True|False|True")]
    [InlineData("0|1|0|1", "0.0|1.0|0.0|1.0")]
    [InlineData("False|True|False|True", "0|1|0|1")]
    public async Task The_label_is_read_by_the_same_rule_in_training_evaluation_and_comparison(string learned, string asked)
    {
        using var bench = new Bench();
        bench.Write("train.csv", Reference(learned.Split('|')));
        bench.Write("test.csv", Reference(asked.Split('|')));
        await TrainAsync(bench, "train.csv", "a", positive: "1");
        await TrainAsync(bench, "test.csv", "b", positive: "True");
        foreach (var name in new[] { "a", "b" })
        {
            await bench.RunAsync(
                "evaluate",
                new
                {
                    model = name,
                    data = "test.csv",
                    metrics = $"{name}.json",
                    predictions = $"{name}.csv",
                }
            );
        }

        Assert.Equal((double)bench.Json("b.json")["auc"]!, (double)bench.Json("a.json")["auc"]!, 6);
        await bench.RunAsync(
            "compare",
            new
            {
                name = "m",
                candidates = new[] { "a", "b" },
                predictions = new[] { "a.csv", "b.csv" },
                test = "test.csv",
                metric = "auc",
                model = "winner",
                verdict = "verdict.json",
            }
        );
    }

    [Theory]
    [InlineData("3,14|2,50|7,25", "numbers with a decimal comma")]
    [InlineData("2026-01-01|2026-01-02|2026-01-03", "dates")]
    public async Task Text_that_looks_like_numbers_or_dates_is_reported_before_training(string values, string what)
    {
        using var bench = new Bench();
        bench.Write("train.csv", New(Number, values.Split('|'), rows: 300));

        var error = await Assert.ThrowsAsync<ServerlessException>(() => TrainAsync(bench, "train.csv", "model"));

        Assert.Contains($"column 'income' is text that looks like {what}", error.Message, StringComparison.Ordinal);
        await bench.RunAsync(
            "train/fast-tree",
            new
            {
                data = "train.csv",
                label = "left",
                model = "model",
                categories = new[] { Number },
            }
        );
    }

    private static Task TrainAsync(Bench bench, string data, string model, string? positive = null) =>
        bench.RunAsync(
            "train/fast-tree",
            Json.Merge(
                new
                {
                    data,
                    label = "left",
                    model,
                    positive_label = positive,
                }
            )
        );

    private static async Task<bool> TakesAsync(Func<Task> use)
    {
        try
        {
            await use();
            return true;
        }
        catch (ServerlessException)
        {
            return false;
        }
    }

    private static Task<ColumnFrame> ReadAsync(Bench bench, string name) => ColumnReader.ReadAsync(bench.PathOf(name));

    /// <summary>The frame without its label, as serving gets it.</summary>
    private static ColumnFrame Typed(ColumnFrame frame) => frame.Without("left");

    private static string Reference(params string[] labels)
    {
        labels = labels.Length == 0 ? ["no", "yes"] : labels;
        var random = new StableRandom(3);
        var rows = Enumerable
            .Range(0, 300)
            .Select(i =>
            {
                var income = random.NextDouble();
                var label = labels[(random.NextDouble() < income ? 1 : 0) + (i % (labels.Length / 2) * 2)];
                return FormattableString.Invariant(
                    $"{(i % 10 == 3 ? "" : i % 9)},{(i % 3 == 0 ? "true" : "false")},{(i % 10 == 4 ? "" : income)},{label}"
                );
            });
        return "visits,active,income,left\n" + string.Join('\n', rows) + "\n";
    }

    private static string New(string column, string[] values, int rows = 60) =>
        "visits;active;income;left\n"
        + string.Join(
            '\n',
            Enumerable
                .Range(0, rows)
                .Select(i =>
                    string.Join(
                        ';',
                        column == Whole ? values[i % values.Length] : "3",
                        column == Truth ? values[i % values.Length] : (i % 2 == 0 ? "true" : "false"),
                        column == Number ? values[i % values.Length] : "0.25",
                        i % 2 == 0 ? "yes" : "no"
                    )
                )
        )
        + "\n";
}
