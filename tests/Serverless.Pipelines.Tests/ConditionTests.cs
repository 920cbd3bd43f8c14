using System.Text.Json;
using System.Text.Json.Nodes;
using Serverless.Core;
using Serverless.Pipelines.Model;

namespace Serverless.Pipelines.Tests;

public sealed class ConditionTests
{
    private static readonly JsonObject Values = JsonNode
        .Parse(
            """
            {
              "compare.promote": true, "compare.reason": "better", "evaluate@fast-tree.auc": 0.91, "train@v1.2.size": 3,
              "train@v1.2.name": "v1.2", "a.nothing": null, "a.big": 9007199254740993, "a.list": [1], "1st.n": 1,
              "a.nan": "NaN", "a.most": "Infinity",
              "params.min": 0.8, "params.gate.auc": 0.9, "params.pipelinechannel--flip-Output": "heads", "params.count": "12"
            }
            """
        )!
        .AsObject();

    [Theory]
    [InlineData("true")]
    [InlineData("not false")]
    [InlineData("!false && !!true")]
    [InlineData("compare.promote")]
    [InlineData("compare.promote == true")]
    [InlineData("compare.promote != false")]
    [InlineData("compare.reason == 'better'")]
    [InlineData("compare.reason == \"better\" and compare.promote")]
    [InlineData("evaluate@fast-tree.auc >= 0.9")]
    [InlineData("evaluate@fast-tree.auc>params.min")]
    [InlineData("evaluate@fast-tree.auc > params.gate.auc")]
    [InlineData("train@v1.2.size == 3")]
    [InlineData("train@v1.2.size == 3.0")]
    [InlineData("train@v1.2.name < 'v2'")]
    [InlineData("-1 < 0 and 1e-3 < .5")]
    [InlineData("a.nothing == null")]
    [InlineData("compare.reason != null")]
    [InlineData("a.big == 9007199254740993")]
    [InlineData("a.big != 9007199254740992")]
    [InlineData("false or true and true")]
    [InlineData("(false or true) and true")]
    [InlineData("true or true and false")]
    [InlineData("not (compare.reason == 'worse' || false)")]
    [InlineData("not compare.reason == 'worse'")]
    [InlineData("params['pipelinechannel--flip-Output'] == 'heads'")]
    [InlineData("params.pipelinechannel--flip-Output == 'heads'")]
    [InlineData("int(params.count) == 12 and double(params.count) >= 11.5")]
    [InlineData("'it\\'s' == \"it's\"")]
    [InlineData("'a\\d' == 'a\\\\d'")]
    [InlineData("1st.n == 1")]
    [InlineData("true or missing.value")]
    [InlineData("not (false and missing.value > 1)")]
    [InlineData("a.nan != 0.5 and a.most > 1e300")]
    public void Holds(string text) => Assert.True(Evaluate(text));

    [Theory]
    [InlineData("false")]
    [InlineData("compare.promote == false")]
    [InlineData("true and false or false")]
    [InlineData("compare.reason == 'Better'")]
    [InlineData("a.nothing != null")]
    [InlineData("a.list == null")]
    [InlineData("evaluate@fast-tree.auc < params.min")]
    [InlineData("a.nan >= 0.5")]
    [InlineData("a.nan < 0.5")]
    [InlineData("a.nan == a.nan")]
    [InlineData("a.most < 1")]
    public void Does_not_hold(string text) => Assert.False(Evaluate(text));

    [Theory]
    [InlineData("compare.reason > 1", "'compare.reason > 1' cannot compare the text 'better' with the number 1.")]
    [InlineData("compare.promote == 'true'", "cannot compare true with the text 'true'")]
    [InlineData("compare.promote > false", "cannot compare true with false")]
    [InlineData("a.nothing < 1", "cannot compare null with the number 1")]
    [InlineData("a.list == 1", "cannot compare a list with the number 1")]
    [InlineData("compare.score > 1", "The condition refers to 'compare.score', which has no value.")]
    [InlineData("params.x == 1", "The condition refers to 'params.x', which has no value.")]
    [InlineData("compare.reason", "The condition 'compare.reason' is the text 'better', not true or false.")]
    [InlineData("compare.promote and 1", "'1' is the number 1, not true or false")]
    [InlineData("int('x') == 1", "'int('x')' cannot turn the text 'x' into a number.")]
    public void Values_that_do_not_fit_are_told(string text, string message)
    {
        var wrong = Assert.Throws<ServerlessException>(() => Evaluate(text));
        Assert.Contains(message, wrong.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", 1, "expected a condition, found the end")]
    [InlineData("compare", 1, "expected a reference task.output or params.name instead of 'compare'")]
    [InlineData("compare.x ==", 13, "expected a value")]
    [InlineData("compare.x = 1", 11, "expected ==")]
    [InlineData("(a.b", 5, "expected ')', found the end")]
    [InlineData("a.b c.d", 5, "expected an operator or the end, found 'c'")]
    [InlineData("a.b == 'x", 8, "the text is not closed")]
    [InlineData("1 < a.b < 3", 9, "comparisons cannot be chained")]
    [InlineData("a.b & c.d", 5, "expected an operator")]
    [InlineData("1..2 == 1", 1, "expected a number")]
    [InlineData("params. == 1", 1, "expected a reference")]
    [InlineData("params[x] == 1", 8, "expected a name in quotes")]
    [InlineData("and", 1, "expected a reference")]
    public void Mistakes_are_told_with_their_position(string text, int position, string what)
    {
        var wrong = Assert.Throws<ServerlessException>(() => Condition.Parse(text));
        Assert.Contains($"is invalid at position {position}: {what}", wrong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void References_are_listed_once_and_in_order()
    {
        var references = Condition.Parse("a.x > params.m.n and (b@v1.2.y or a.x < 3 or c-1.z.w == 1)").References;
        Assert.Equal(
            [
                new("a.x", "a", "x"),
                new("params.m.n", null, "m.n"),
                new("b@v1.2.y", "b@v1.2", "y"),
                new ConditionReference("c-1.z.w", "c-1", "z.w"),
            ],
            references
        );
    }

    [Fact]
    public void The_longest_task_name_wins()
    {
        string[] tasks = ["train@v1", "train@v1.2", "train", "my.stage"];
        Assert.Equal("train@v1.2", Condition.Parse("train@v1.2.auc > 0", tasks).References[0].Task);
        Assert.Equal(("train@v1", "auc.test"), Split("train@v1.auc.test", tasks));
        Assert.Equal(("my.stage", "x.y"), Split("my.stage.x.y", tasks));
        Assert.Equal(("other", "x.y"), Split("other.x.y", tasks));
    }

    [Fact]
    public void Deep_nesting_is_refused() =>
        Assert.Contains(
            "nested",
            Assert.Throws<ServerlessException>(() => Condition.Parse(new string('(', 10_000) + "true")).Message,
            StringComparison.Ordinal
        );

    /// <summary>Random conditions of true and false mean what the same C# means.</summary>
    [Fact]
    public void Operators_bind_as_elsewhere()
    {
        var random = new Random(7);
        for (var i = 0; i < 2_000; i++)
        {
            var (text, value) = Random(random, 4);
            Assert.Equal(value, Condition.Parse(text).Evaluate(_ => null));
        }
    }

    // An `or` of `and`s of parts that are closed in themselves.
    private static (string Text, bool Value) Random(Random random, int depth)
    {
        var ors = Enumerable
            .Range(0, random.Next(1, 3))
            .Select(_ =>
            {
                var ands = Enumerable.Range(0, random.Next(1, 3)).Select(_ => Part(random, depth)).ToList();
                return (Text: string.Join(random.Next(2) == 0 ? " and " : " && ", ands.Select(a => a.Text)), Value: ands.All(a => a.Value));
            })
            .ToList();
        return (string.Join(random.Next(2) == 0 ? " or " : " || ", ors.Select(o => o.Text)), ors.Any(o => o.Value));
    }

    private static (string Text, bool Value) Part(Random random, int depth)
    {
        var (a, b) = (random.Next(-3, 4), random.Next(-3, 4));
        switch (random.Next(depth > 0 ? 6 : 3))
        {
            case 0:
                return a < 0 ? ("true", true) : ("false", false);
            case 1:
                return ($"{a} <= {b}", a <= b);
            case 2:
                return ($"{a} != {b}", a != b);
            case 3:
                var (text, value) = Part(random, 0);
                return ($"not {text}", !value);
            default:
                var inner = Random(random, depth - 1);
                return ($"({inner.Text})", inner.Value);
        }
    }

    private static (string?, string) Split(string text, string[] tasks)
    {
        var reference = Condition.Parse(text + " == 1", tasks).References[0];
        return (reference.Task, reference.Name);
    }

    private static bool Evaluate(string text)
    {
        string[] tasks = ["compare", "evaluate@fast-tree", "train@v1.2", "a"];
        return Condition
            .Parse(text, tasks)
            .Evaluate(r =>
            {
                var key = r.IsParameter ? "params." + r.Name : r.Task + "." + r.Name;
                return Values.TryGetPropertyValue(key, out var value) ? JsonSerializer.SerializeToElement(value) : null;
            });
    }
}
