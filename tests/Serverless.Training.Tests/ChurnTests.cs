using System.Text.Json.Nodes;
using Serverless.Data;
using Serverless.Pipelines;
using Serverless.Tracking;

namespace Serverless.Training.Tests;

/// <summary>The sample, with its own data and parameters.</summary>
public sealed class ChurnTests(ITestOutputHelper output)
{
    [Fact]
    public async Task The_sample_trains_four_candidates_and_promotes_one_through_its_gate()
    {
        using var bench = new Bench();
        var churn = new ChurnRun(bench);

        await churn.TrainAsync();
        var compared = await churn.CompareAsync();
        await churn.RegisterAsync();
        var promoted = await churn.PromoteAsync();

        foreach (var row in compared.Values["candidates"]!.AsArray())
        {
            output.WriteLine(row!.ToJsonString());
            Assert.True((double)row["test_accuracy"]! >= 0.8 && (double)row["test_auc"]! >= 0.84, row.ToJsonString());
        }

        output.WriteLine(compared.Values["verdict"]!.ToJsonString());
        Assert.True((bool)compared.Values["promote"]!);
        Assert.Equal("Production", (string?)promoted.Values["stage"]);
        Assert.Contains("`contract` = `Month-to-month`", bench.Read("reports/model-card.md"), StringComparison.Ordinal);

        // The second run: every record still holds.
        Assert.True(await bench.StillHoldsAsync("compare", churn.CompareWith(), compared));
        Assert.True(await bench.StillHoldsAsync("register", churn.RegisterWith, churn.Outputs["register"]));
        Assert.True(await bench.StillHoldsAsync("promote", churn.PromoteWith, promoted));
        Assert.Equal(Stage.Production, Assert.Single(bench.Registry.Versions).Stage);
    }

    [Fact]
    public void Every_stage_of_the_file_fits_its_component()
    {
        var stages = ((DataMap)YamlReader.Parse(File.ReadAllText(Path.Combine(Samples.Churn, "dvc.yaml")), "dvc.yaml"))["stages"] as DataMap;
        var json = Yaml.ToJson(File.ReadAllText(Path.Combine(Samples.Churn, "dvc.yaml")))!["stages"]!.AsObject();
        Assert.Equal(["validate", "split", "train", "evaluate", "compare", "register", "promote"], stages!.TextKeys);

        foreach (var (name, stage) in json)
        {
            var body = stage!["do"] ?? stage;
            foreach (var trainer in stage["foreach"] is null ? [""] : ChurnRun.Trainers)
            {
                var component = Bench.Find(((string)body["uses"]!).Replace("${key}", trainer, StringComparison.Ordinal));
                var with = body["with"]!.AsObject();
                Assert.Empty(with.Select(w => w.Key).Except(component.Parameters.Select(p => p.Name)));
                Assert.Empty(component.Parameters.Where(p => p.IsRequired).Select(p => p.Name).Except(with.Select(w => w.Key)));
                foreach (var (parameter, value) in with)
                {
                    var resolved = Resolve(value!, trainer);
                    Assert.Null(component.CheckValue(parameter, System.Text.Json.JsonSerializer.SerializeToElement(resolved)));
                }
            }

            Assert.NotNull(name);
        }
    }

    private static JsonNode Resolve(JsonNode value, string trainer)
    {
        if (value is not JsonValue scalar || !scalar.TryGetValue<string>(out var text) || !text.Contains("${", StringComparison.Ordinal))
        {
            return value;
        }

        if (text == "${item}")
        {
            return ChurnRun.Params["candidates"]![trainer]!;
        }

        return text.StartsWith("${", StringComparison.Ordinal) && !text.StartsWith("${key}", StringComparison.Ordinal)
            ? text[2..^1].Split('.').Aggregate(ChurnRun.Params, (node, key) => node[key]!)
            : text.Replace("${key}", trainer, StringComparison.Ordinal);
    }
}
