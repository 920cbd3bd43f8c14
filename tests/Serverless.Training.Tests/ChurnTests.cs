using System.Text.Json;
using Serverless.Pipelines.Model;
using Serverless.Tracking.Models;
using Serverless.Training.Tests.Support;

namespace Serverless.Training.Tests;

/// <summary>The sample, as a person has it: its own file, data and parameters.</summary>
public sealed class ChurnTests(ITestOutputHelper output)
{
    [Fact]
    public async Task The_sample_trains_four_candidates_and_promotes_one_through_its_gate()
    {
        using var bench = new Bench();
        var churn = new ChurnRun(bench);

        await churn.RunAsync();

        var compared = churn.Outputs["compare"];
        var rows = compared.Values["candidates"]!.AsArray();
        Assert.Equal(["fast-tree", "fast-forest", "light-gbm", "lbfgs-logistic"], rows.Select(r => (string)r!["name"]!));
        foreach (var row in rows)
        {
            output.WriteLine(row!.ToJsonString());
            Assert.True((double)row["test_accuracy"]! >= 0.8 && (double)row["test_auc"]! >= 0.84, row.ToJsonString());
        }

        output.WriteLine(compared.Values["verdict"]!.ToJsonString());
        Assert.True((bool)compared.Values["promote"]!);
        Assert.Equal("Production", (string?)churn.Outputs["promote"].Values["stage"]);
        Assert.Equal(Stage.Production, Assert.Single(bench.Registry.Versions).Stage);
        Assert.Contains("`contract` = `Month-to-month`", bench.Read("reports/model-card.md"), StringComparison.Ordinal);

        // The second run: every record still holds.
        Assert.True(await churn.StillHoldsAsync("compare"));
        Assert.True(await churn.StillHoldsAsync("register"));
        Assert.True(await churn.StillHoldsAsync("promote"));
    }

    [Fact]
    public void The_stages_follow_from_their_files()
    {
        using var bench = new Bench();
        var tasks = new ChurnRun(bench).Tasks.ToDictionary(t => t.Name);

        Assert.Equal(13, tasks.Count);
        Assert.Equal(["validate"], From(tasks["split"]));
        Assert.Equal(["split"], From(tasks["train@light-gbm"]));
        Assert.Equal(["split", "train@light-gbm"], From(tasks["evaluate@light-gbm"]));
        Assert.Equal(9, From(tasks["compare"]).Length);
        Assert.Equal(["compare"], From(tasks["register"]));
        Assert.Equal("compare.promote", tasks["register"].When);
        Assert.Equal(["register"], From(tasks["promote"]));
    }

    [Fact]
    public void A_change_of_one_candidates_parameters_changes_its_training_and_no_other_stage()
    {
        using var bench = new Bench();
        var churn = new ChurnRun(bench);
        var before = Parameters(churn);

        bench.Write(
            "params.yaml",
            bench.Read("params.yaml").Replace("learning_rate: 0.08", "learning_rate: 0.07", StringComparison.Ordinal)
        );
        churn.Reload();

        var after = Parameters(churn);
        Assert.Equal(["train@light-gbm"], after.Keys.Where(name => after[name] != before[name]));
    }

    private static Dictionary<string, string> Parameters(ChurnRun churn) =>
        churn.Tasks.ToDictionary(t => t.Name, t => JsonSerializer.Serialize(ChurnRun.With(t)) + JsonSerializer.Serialize(t.Tracked));

    private static string[] From(TaskSpec task) =>
        [
            .. task
                .Inputs.Select(i => i.From)
                .OfType<ArtifactBinding.TaskOutput>()
                .Select(o => o.Task)
                .Distinct()
                .Order(StringComparer.Ordinal),
        ];
}
