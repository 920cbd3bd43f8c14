using Serverless.Core;
using Serverless.Tracking.Search;

namespace Serverless.Tracking.Tests.Search;

public sealed class PropertyTests
{
    private static readonly string[] Pieces =
    [
        "metrics",
        "params",
        "tags",
        "attribute",
        "run_id",
        "name",
        "status",
        "start_time",
        "dataset",
        "version_number",
        "timestamp",
        "experiment_id",
        ".",
        ".",
        " ",
        " ",
        "=",
        "!=",
        "<",
        ">=",
        "LIKE",
        "ILIKE",
        "IN",
        "NOT",
        "AND",
        "OR",
        "NULL",
        "asc",
        "DESC",
        "(",
        ")",
        ",",
        ";",
        "'",
        "\"",
        "`",
        "'x'",
        "\"y\"",
        "`a b`",
        "1",
        "-.5",
        "1e9999",
        "\\",
        "\\'",
        "%",
        "_",
        "-",
        "--",
        "/*",
        "#",
        "*",
        "\n",
        "\t",
        "\0",
        "é",
        "имя",
        "😀",
        "\ud83d",
        "\ude00",
        "$1",
        ":x",
        "[",
        "]",
        "==",
        "~",
    ];

    [Fact]
    public void Nothing_but_ServerlessException_comes_of_any_text()
    {
        var random = new Random(7);
        for (var i = 0; i < 40_000; i++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(14)).Select(_ => Pieces[random.Next(Pieces.Length)]));
            var target = (SearchTarget)random.Next(4);
            Only(() => SearchFilter.Parse(text, target).Matches(new Item("x").Tag("x", "y"), ItemAccessor.Instance));
            Only(() => SearchOrder.Parse([text], target));
            Only(() => PageToken.ParseOffset(text));
        }
    }

    [Theory]
    [InlineData("(", "")]
    [InlineData("(", ")")]
    [InlineData("`", "")]
    [InlineData("'\\", "")]
    [InlineData("a.", "")]
    [InlineData("a = ", "")]
    [InlineData("a + ", "")]
    [InlineData("''", "x")]
    [InlineData("NOT ", "")]
    public void Long_text_takes_linear_time_and_no_stack(string opening, string closing)
    {
        var text = string.Concat(Enumerable.Repeat(opening, 50_000)) + string.Concat(Enumerable.Repeat(closing, 50_000));
        Only(() => SearchFilter.Parse(text, SearchTarget.Runs));
        Only(() => SearchOrder.Parse([text], SearchTarget.Runs));
    }

    [Theory]
    [InlineData(SearchTarget.Runs, "metrics.x desc", "params.p")]
    [InlineData(SearchTarget.Runs, "tags.t", "end_time desc")]
    [InlineData(SearchTarget.Runs, null, null)]
    [InlineData(SearchTarget.Experiments, "name desc", "last_update_time")]
    [InlineData(SearchTarget.ModelVersions, "creation_timestamp", null)]
    public void An_order_is_total(SearchTarget target, string? first, string? second)
    {
        var random = new Random(11);
        var items = Enumerable.Range(0, 60).Select(i => Random(i, random)).ToArray();
        var comparer = SearchOrder.Parse([.. new[] { first, second }.OfType<string>()], target).Comparer(ItemAccessor.Instance);
        foreach (var a in items)
        {
            foreach (var b in items)
            {
                Assert.Equal(Math.Sign(comparer.Compare(a, b)), -Math.Sign(comparer.Compare(b, a)));
                Assert.Equal(a == b, comparer.Compare(a, b) == 0);
                Assert.All(
                    items,
                    c => Assert.False(comparer.Compare(a, b) < 0 && comparer.Compare(b, c) < 0 && comparer.Compare(a, c) >= 0)
                );
            }
        }
    }

    private static Item Random(int id, Random random)
    {
        var item = new Item($"{id}")
            .Attribute("run_id", $"{id}")
            .Attribute("experiment_id", $"{id}")
            .Attribute("name", $"{id % 7}")
            .Attribute("version_number", id);
        double?[] values = [null, double.NaN, double.NegativeInfinity, 0, -0.0, 1];
        string[] texts = ["a", "A", "\ufb00", "😀", ""];
        item.Metric("x", values[random.Next(6)])
            .Attribute("start_time", values[random.Next(6)])
            .Attribute("end_time", values[random.Next(6)])
            .Attribute("last_update_time", values[random.Next(6)])
            .Attribute("creation_timestamp", values[random.Next(6)]);
        return random.Next(2) == 0 ? item.Param("p", texts[random.Next(5)]) : item.Tag("t", texts[random.Next(5)]);
    }

    private static void Only(Action action)
    {
        try
        {
            action();
        }
        catch (ServerlessException error)
        {
            Assert.Equal((ErrorCodes.InvalidParameterValue, 400), (error.Code, error.Status));
        }
    }
}
