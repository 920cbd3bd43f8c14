using Serverless.Core;
using Serverless.Training.Tests.Support;

namespace Serverless.Training.Tests;

public sealed class ValidateTests : IDisposable
{
    private const string Schema = """
        rows: {min: 10, max: 1000}
        unexpected_columns: forbid
        columns:
          id: {type: text, unique: true, nullable: false, pattern: 'c\d+'}
          age: {type: integer, min: 18, max: 80}
          income: {type: number, min: 0, max_null_share: 0.2}
          plan: {type: text, allowed: [free, basic, pro]}
          active: boolean
          bought: {allowed: [yes, no]}
          amount:
        """;

    private readonly Bench bench = new();

    public void Dispose() => bench.Dispose();

    [Fact]
    public async Task Data_that_fit_pass_with_a_report()
    {
        var outputs = await bench.RunAsync("data/validate", With(Samples.Small()));

        Assert.Equal(300, (int)outputs.Values["rows"]!);
        var report = bench.Json("report.json");
        Assert.True((bool)report["ok"]!);
        Assert.Equal(Bench.Digest(bench.PathOf("data.csv")), (string?)report["data"]!["digest"]);
        Assert.Equal(30, (int)report["columns"]![2]!["nulls"]!);
    }

    [Fact]
    public async Task Data_that_do_not_fit_fail_with_every_finding_and_a_report()
    {
        var text = Samples
            .Small(20)
            .Replace("c5,", "c4,", StringComparison.Ordinal)
            .Replace(",pro,", ",vip,", StringComparison.Ordinal)
            .Replace("id,age", "id,Age", StringComparison.Ordinal);

        var wrong = await Assert.ThrowsAsync<ServerlessException>(() => bench.RunAsync("data/validate", With(text)));

        Assert.Equal(ErrorCodes.ValidationFailed, wrong.Code);
        Assert.Contains("data.csv", wrong.Message, StringComparison.Ordinal);
        var messages = string.Join('\n', wrong.Diagnostics);
        Assert.Contains("Column 'age' is missing", messages, StringComparison.Ordinal);
        Assert.Contains("Column 'Age' is not in the schema", messages, StringComparison.Ordinal);
        Assert.Contains("'plan'", messages, StringComparison.Ordinal);
        Assert.Contains("repeats an earlier one", messages, StringComparison.Ordinal);
        var report = bench.Json("report.json");
        Assert.False((bool)report["ok"]!);
        Assert.Equal(wrong.Diagnostics.Count, report["findings"]!.AsArray().Count);
        Assert.Contains("Column 'age' is missing", bench.LogText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_schema_with_mistakes_tells_all_of_them_with_their_lines()
    {
        const string schema = """
            row: {min: 1}
            unexpected_columns: never
            columns:
              age: {typ: integer, min: low}
              plan: {type: string, nullable: false, max_null_share: 0.1}
              id: [1]
            """;

        var wrong = await Assert.ThrowsAsync<ServerlessException>(() => bench.RunAsync("data/validate", With(Samples.Small(), schema)));

        var lines = wrong.Diagnostics.Select(d => (d.Line, d.ToString())).ToArray();
        Assert.Contains(
            lines,
            l =>
                l.Line == 1
                && l.Item2.Contains("unknown key 'row'", StringComparison.Ordinal)
                && l.Item2.Contains("'rows'", StringComparison.Ordinal)
        );
        Assert.Contains(lines, l => l.Line == 2 && l.Item2.Contains("one of allow, forbid", StringComparison.Ordinal));
        Assert.Contains(lines, l => l.Line == 4 && l.Item2.Contains("unknown key 'typ'", StringComparison.Ordinal));
        Assert.Contains(lines, l => l.Line == 4 && l.Item2.Contains("'min' must be a number, but is 'low'", StringComparison.Ordinal));
        Assert.Contains(
            lines,
            l => l.Line == 5 && l.Item2.Contains("one of integer, number, boolean, text, but is 'string'", StringComparison.Ordinal)
        );
        Assert.Contains(lines, l => l.Line == 5 && l.Item2.Contains("Remove one of them", StringComparison.Ordinal));
        Assert.Contains(lines, l => l.Line == 6 && l.Item2.Contains("must be a map of rules", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("columns: [", "schema.yaml")]
    [InlineData("", "a schema must be a map")]
    [InlineData("rows: {min: 1}", "no columns")]
    [InlineData("columns: {age: {min: 5, max: 1}}", "minimum")]
    [InlineData("columns: {plan: {pattern: '('}}", "not a regular expression")]
    public async Task A_schema_that_is_none_is_refused(string schema, string says)
    {
        var wrong = await Assert.ThrowsAsync<ServerlessException>(() => bench.RunAsync("data/validate", With(Samples.Small(), schema)));

        Assert.Contains(says, wrong.Message, StringComparison.Ordinal);
        Assert.Equal(ErrorCodes.InvalidParameterValue, wrong.Code);
    }

    [Fact]
    public async Task Ids_that_are_in_train_and_test_are_found()
    {
        bench.Write("a.csv", "id,x\n1,1\n2,1\n3,1\n");
        bench.Write("b.csv", "id,x\n3,1\n4,1\n");
        bench.Write("c.csv", "id,x\n5,1\n6,1\n");
        var with = With(Samples.Small());

        var wrong = await Assert.ThrowsAsync<ServerlessException>(() =>
            bench.RunAsync(
                "data/validate",
                Json.Merge(
                    with,
                    new
                    {
                        train = "a.csv",
                        test = "b.csv",
                        id = "id",
                    }
                )
            )
        );
        await bench.RunAsync(
            "data/validate",
            Json.Merge(
                with,
                new
                {
                    train = "a.csv",
                    test = "c.csv",
                    id = "id",
                }
            )
        );

        Assert.Contains("1 of 2 test rows have an id in 'id' that training rows have, too", wrong.Message, StringComparison.Ordinal);
        Assert.Contains(
            "must be used together",
            (
                await Assert.ThrowsAsync<ServerlessException>(() =>
                    bench.RunAsync("data/validate", Json.Merge(with, new { train = "a.csv" }))
                )
            ).Message,
            StringComparison.Ordinal
        );
    }

    private Dictionary<string, object?> With(string data, string schema = Schema) =>
        Json.Merge(
            new
            {
                data = bench.Write("data.csv", data),
                schema = bench.Write("schema.yaml", schema),
                report = "report.json",
            }
        );
}
