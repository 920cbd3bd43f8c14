using Serverless.Automation.Checks;
using Serverless.Core;
using Serverless.Monitoring.Checks;
using Serverless.Training.Tests.Support;

namespace Serverless.Automation.Tests.Checks;

public sealed class ModelCheckTests : IAsyncLifetime
{
    private readonly Bench bench = new();
    private string data = "";

    public async ValueTask InitializeAsync()
    {
        var train = bench.Write("train.csv", Samples.Small());
        data = bench.PathOf("train.csv");
        await bench.RunAsync("train/fast-tree", TrainParametersOf.Binary(train));
    }

    public ValueTask DisposeAsync()
    {
        bench.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task A_good_model_passes_its_bounds_and_is_not_worse_than_itself()
    {
        var report = await RunAsync(
            new ModelCheckOptions
            {
                Bounds = new Dictionary<string, double> { ["auc"] = 0.6, ["log_loss"] = 2 },
                Champion = bench.PathOf("model"),
            }
        );
        Assert.True(report.Ok, report.ToMarkdown());
        Assert.Contains(report.Checks, c => c.Name == "same score alone and in a batch" && c.Passed == true);
        Assert.Contains(
            report.Checks,
            c => c.Name == "not worse than the champion" && c.Message.Contains("[0.0000, 0.0000]", StringComparison.Ordinal)
        );
    }

    [Theory]
    [InlineData("auc", 1.01)]
    [InlineData("log_loss", 0.0001)]
    public async Task A_bound_that_is_missed_fails_in_the_direction_of_its_metric(string metric, double bound)
    {
        var failed = Assert.Single(
            (await RunAsync(new ModelCheckOptions { Bounds = new Dictionary<string, double> { [metric] = bound } })).Checks,
            c => c.Passed == false
        );
        Assert.Equal(metric, failed.Name);
    }

    [Fact]
    public async Task An_unknown_metric_names_those_there_are() =>
        Assert.Contains(
            "auc",
            (
                await Assert.ThrowsAsync<ServerlessException>(() =>
                    RunAsync(new ModelCheckOptions { Bounds = new Dictionary<string, double> { ["roc"] = 0.5 } })
                )
            ).Fix!,
            StringComparison.Ordinal
        );

    [Fact]
    public async Task A_model_that_is_clearly_worse_than_the_champion_fails()
    {
        var worse = bench.Write("scrambled.csv", Scrambled(await File.ReadAllLinesAsync(data)));
        var parameters = TrainParametersOf.Binary(worse);
        await bench.RunAsync("train/fast-tree", parameters);
        Directory.Move(bench.PathOf("model"), bench.PathOf("worse"));
        await bench.RunAsync("train/fast-tree", TrainParametersOf.Binary("train.csv"));
        var report = await ModelCheck.RunAsync(bench.PathOf("worse"), data, new ModelCheckOptions { Champion = bench.PathOf("model") });
        Assert.False(report.Checks.Single(c => c.Name == "not worse than the champion").Passed, report.ToMarkdown());
    }

    private Task<CheckReport> RunAsync(ModelCheckOptions options) => ModelCheck.RunAsync(bench.PathOf("model"), data, options);

    /// <summary>The labels of the rows in reverse: what is learned from them is no use.</summary>
    private static string Scrambled(string[] lines)
    {
        var rows = lines.Skip(1).Select(l => l.Split(',')).ToArray();
        var labels = rows.Select(r => r[5]).Reverse().ToArray();
        return lines[0] + "\n" + string.Join('\n', rows.Select((r, i) => string.Join(',', [.. r[..5], labels[i], r[6]]))) + "\n";
    }
}
