using System.Xml.Linq;
using Serverless.Testing;

namespace Serverless.Local.Tests;

/// <summary>`mlops check` as a build server calls it: exit code, JUnit XML, Markdown.</summary>
public sealed class CheckCommandTests
{
    private const string Rows = "id,age,plan,churn\n1,30,basic,No\n2,41,pro,Yes\n3,500,basic,No\n";
    private const string Schema = "columns:\n  age: {type: integer, max: 120}\n  plan: {type: text, allowed: [basic, pro]}\n";

    [Fact]
    public async Task Data_that_breaks_its_schema_fails_with_a_case_a_finding()
    {
        using var folder = new TestFolder();
        folder.Write("data.csv", Rows);
        folder.Write("schema.yaml", Schema);
        var result = await RunAsync(
            folder,
            "check",
            "data",
            "data.csv",
            "--schema",
            "schema.yaml",
            "--junit",
            "out.xml",
            "--markdown",
            "out.md"
        );
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("age: max", result.Output, StringComparison.Ordinal);
        var suite = XDocument.Load(folder.At("out.xml")).Root!.Element("testsuite")!;
        Assert.Equal("1", suite.Attribute("failures")!.Value);
        Assert.Equal("2", suite.Attribute("tests")!.Value);
        Assert.StartsWith("### data: 1 of 2 failed", File.ReadAllText(folder.At("out.md")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_parts_of_the_churn_data_pass_and_rows_in_both_do_not()
    {
        using var folder = new TestFolder();
        var lines = await File.ReadAllLinesAsync(Path.Combine(ChurnTests.RepositoryRoot(), "samples/churn/data/telco-churn.csv"));
        folder.Write("train.csv", string.Join('\n', lines[..3000]) + "\n");
        folder.Write("test.csv", string.Join('\n', lines.Take(1).Concat(lines[3000..4000])) + "\n");
        folder.Write("leaky.csv", string.Join('\n', lines.Take(1).Concat(lines[2900..4000])) + "\n");
        var honest = await RunAsync(folder, "check", "leakage", "train.csv", "test.csv", "--label", "churn");
        Assert.True(honest.ExitCode == 0, honest.Output + honest.Error);
        Assert.Equal(1, (await RunAsync(folder, "check", "leakage", "train.csv", "leaky.csv", "--label", "churn")).ExitCode);
        Assert.Equal(0, (await RunAsync(folder, "check", "distribution", "train.csv", "test.csv", "--html", "drift.html")).ExitCode);
        Assert.Contains("</html>", File.ReadAllText(folder.At("drift.html")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("check data nothing.csv --schema schema.yaml")]
    [InlineData("check data data.csv")]
    [InlineData("check leakage data.csv data.csv --label nope")]
    [InlineData("check model nothing --data data.csv")]
    [InlineData("check model nothing --data data.csv --bound auc")]
    public async Task A_wrong_use_is_2(string arguments)
    {
        using var folder = new TestFolder();
        folder.Write("data.csv", Rows);
        folder.Write("schema.yaml", Schema);
        Assert.Equal(2, (await RunAsync(folder, arguments.Split(' '))).ExitCode);
    }

    private static async Task<Ended> RunAsync(TestFolder folder, params string[] arguments)
    {
        await using var process = MlopsProcess.Start(folder.Root, new Dictionary<string, string?>(), arguments);
        return await process.WaitAsync();
    }
}
