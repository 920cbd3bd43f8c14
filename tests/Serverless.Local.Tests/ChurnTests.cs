using Serverless.Testing;

namespace Serverless.Local.Tests;

/// <summary>The sample as a person runs it.</summary>
public sealed class ChurnTests(AzuriteFixture azurite) : HostTest(azurite)
{
    [Fact]
    public async Task It_runs_once_then_hits_the_cache_and_then_reruns_only_what_a_parameter_reaches()
    {
        var source = Path.Combine(RepositoryRoot(), "samples", "churn");
        foreach (var file in (string[])["dvc.yaml", "params.yaml", "schema.yaml", "data/telco-churn.csv"])
        {
            Folder.Write("churn/" + file, File.ReadAllText(Path.Combine(source, file)));
        }

        var first = await RunAsync("run", "churn");
        var second = await RunAsync("run", "churn");
        var parameters = Folder.At("churn", "params.yaml");
        File.WriteAllText(parameters, File.ReadAllText(parameters).Replace("learning_rate: 0.08", "learning_rate: 0.07"));
        var third = await RunAsync("run", "churn", "--json");
        var models = await RunAsync("models");
        var churn = await RunAsync("models", "churn");

        Assert.True(first.ExitCode == 0, first.ToString());
        Assert.Contains("Verdict: promote", first.Output);
        Assert.Matches(@"auc against the runner-up [a-z-]+: DeLong's test, p = \d\.\d+(e-\d+)?, effect = \d\.\d+", first.Output);
        Assert.Contains("Model churn version 1 is in Production.", first.Output);
        Assert.Contains("Next: mlops runs show", first.Output);
        Assert.Equal(0, second.ExitCode);
        Assert.DoesNotContain("succeeded", second.Output);
        Assert.Contains("nothing ran", second.Output);
        Assert.Equal(0, third.ExitCode);
        var ran = Parse(third.Output)
            .Tasks.Where(t => t is { State: Pipelines.Orchestration.TaskState.Succeeded, Result.IsCacheHit: false })
            .Select(t => t.Path);
        Assert.Equal(["compare", "evaluate@light-gbm", "train@light-gbm"], ran.Except(["register", "promote"]).Order());
        Assert.Matches(@"churn +\d +version \d", models.Output);
        Assert.Matches(@"1 +(Production|Archived)", churn.Output);
        Assert.Contains("None -> Production", churn.Output);
    }

    internal static string RepositoryRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Serverless.sln")))
        {
            folder = folder.Parent!;
        }

        return folder.FullName;
    }
}
