using System.Globalization;
using System.Text;
using Serverless.Core;
using Serverless.Core.Columns;
using Serverless.Training.Tests.Support;

namespace Serverless.Training.Tests;

public sealed class SplitTests : IDisposable
{
    private readonly Bench bench = new();

    public void Dispose() => bench.Dispose();

    [Fact]
    public async Task Each_row_goes_to_one_part_and_the_shares_of_the_label_hold_in_every_part()
    {
        var data = bench.Write("data.csv", Samples.Small(1000));

        var outputs = await bench.RunAsync("data/split", With(data, new { stratify = "bought", row_id = "row" }));

        var all = await ColumnReader.ReadAsync(bench.PathOf(data));
        var parts = await Task.WhenAll(
            new[] { "train.csv", "validation.csv", "test.csv" }.Select(f => ColumnReader.ReadAsync(bench.PathOf(f)))
        );
        Assert.Equal(600, parts[0].RowCount, 2.0);
        Assert.Equal(200, parts[1].RowCount, 2.0);
        Assert.Equal(parts[2].RowCount, (int)outputs.Values["test_rows"]!);
        Assert.Equal(Enumerable.Range(0, 1000), parts.SelectMany(p => p["row"].Numbers.ToArray()).Select(n => (int)n).Order());
        Assert.All(parts, p => Assert.Equal(Share(all), Share(p), 0.01));
        // A row is what it was, and in the order it was.
        Assert.Equal("c" + parts[1]["row"].GetText(7), parts[1]["id"].GetText(7));
        Assert.Equal(parts[0]["row"].Numbers.ToArray().Order(), parts[0]["row"].Numbers.ToArray());
    }

    [Fact]
    public async Task The_same_seed_gives_the_same_bytes_and_another_seed_others()
    {
        var data = bench.Write("data.csv", Samples.Small());

        var texts = new List<string>();
        foreach (var seed in new[] { 7, 7, 8 })
        {
            await bench.RunAsync("data/split", With(data, new { seed, stratify = "bought" }));
            texts.Add(bench.Read("train.csv") + bench.Read("validation.csv") + bench.Read("test.csv"));
        }

        Assert.Equal(texts[0], texts[1]);
        Assert.NotEqual(texts[0], texts[2]);
    }

    [Fact]
    public async Task Rows_of_one_id_stay_together_wherever_they_stand()
    {
        var text = new StringBuilder("customer,x\n");
        for (var i = 0; i < 900; i++)
        {
            text.Append(CultureInfo.InvariantCulture, $"k{i * 7 % 200},{i}\n");
        }

        var data = bench.Write("data.csv", text.ToString());

        await bench.RunAsync("data/split", With(data, new { id = "customer" }));

        var ids = await Task.WhenAll(
            new[] { "train.csv", "validation.csv", "test.csv" }.Select(async f =>
                (await ColumnReader.ReadAsync(bench.PathOf(f)))["customer"].Texts.ToArray().ToHashSet()
            )
        );
        Assert.Empty(ids[0].Intersect(ids[1]).Concat(ids[0].Intersect(ids[2])).Concat(ids[1].Intersect(ids[2])));
        Assert.Equal(200, ids.Sum(i => i.Count));
        Assert.InRange(ids[0].Count, 110, 130);
    }

    [Fact]
    public async Task A_row_of_an_id_does_not_move_when_rows_are_added()
    {
        // 5 of 400 ids are new: what the others are dealt may only move at the edges of the parts.
        await bench.RunAsync("data/split", With(bench.Write("a.csv", Samples.Small(400)), new { id = "id" }));
        var before = (await ColumnReader.ReadAsync(bench.PathOf("test.csv")))["id"].Texts.ToArray();
        await bench.RunAsync("data/split", With(bench.Write("b.csv", Samples.Small(405)), new { id = "id" }));
        var after = (await ColumnReader.ReadAsync(bench.PathOf("test.csv")))["id"].Texts.ToArray();

        Assert.True(before.Intersect(after).Count() >= before.Length - 5);
    }

    [Fact]
    public async Task Without_a_validation_file_two_parts_take_all()
    {
        var outputs = await bench.RunAsync(
            "data/split",
            new
            {
                data = bench.Write("data.csv", Samples.Small(100)),
                train = "train.csv",
                test = "test.csv",
                test_share = 0.3,
            }
        );

        Assert.Equal(70, (int)outputs.Values["train_rows"]!);
        Assert.Equal(30, (int)outputs.Values["test_rows"]!);
    }

    [Theory]
    [InlineData(0.5, 0.5, null, "a part has no rows")]
    [InlineData(0.2, 0.0, null, "a part has no rows")]
    [InlineData(0.2, 0.2, "nowhere", "There is no column 'nowhere'")]
    public async Task Wrong_shares_and_columns_are_refused(double validation, double test, string? stratify, string says)
    {
        var data = bench.Write("data.csv", Samples.Small(100));

        var wrong = await Assert.ThrowsAsync<ServerlessException>(() =>
            bench.RunAsync(
                "data/split",
                With(
                    data,
                    new
                    {
                        validation_share = validation,
                        test_share = test,
                        stratify,
                    }
                )
            )
        );

        Assert.Contains(says, wrong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Too_few_rows_for_the_parts_are_refused()
    {
        var wrong = await Assert.ThrowsAsync<ServerlessException>(() =>
            bench.RunAsync("data/split", With(bench.Write("data.csv", "a,b\n1,2\n"), new { }))
        );

        Assert.Contains("too few", wrong.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<ServerlessException>(() => bench.RunAsync("data/split", With(bench.Write("none.csv", "a,b\n"), new { })));
    }

    private static double Share(ColumnFrame frame) =>
        Enumerable.Range(0, frame.RowCount).Average(r => frame["bought"].GetText(r) == "yes" ? 1.0 : 0);

    private static Dictionary<string, object?> With(string data, object more) =>
        Json.Merge(
            new
            {
                data,
                train = "train.csv",
                validation = "validation.csv",
                test = "test.csv",
            },
            more
        );
}
