using System.Text.Json.Nodes;
using Serverless.Core;
using Serverless.Pipelines.Components;
using Serverless.Tracking.Models;
using Serverless.Training.Tests.Support;

namespace Serverless.Training.Tests;

/// <summary>The ways a comparison can go: a weak and a strong model on data where the difference is plain.</summary>
public sealed class CompareTests : IAsyncLifetime
{
    private readonly Bench bench = new();

    public async ValueTask InitializeAsync()
    {
        bench.Write("train.csv", Samples.Small(400));
        bench.Write("validation.csv", Samples.Small(300, seed: 2));
        bench.Write("test.csv", Samples.Small(400, seed: 3));
        await TrainAsync("strong", new { number_of_trees = 60, number_of_leaves = 8 });
        await TrainAsync("twin", new { number_of_trees = 61, number_of_leaves = 8 });
        await TrainAsync("weak", new { number_of_trees = 1, number_of_leaves = 2 });
    }

    public ValueTask DisposeAsync()
    {
        bench.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task With_no_champion_the_floors_decide_and_the_runner_up_is_told_for_information()
    {
        var outputs = await bench.RunAsync("compare", With(["weak", "strong"], new { floors = new { accuracy = 0.8, log_loss = 0.6 } }));

        Assert.True((bool)outputs.Values["promote"]!);
        Assert.Equal("strong", (string?)outputs.Values["winner"]);
        var verdict = outputs.Values["verdict"]!;
        Assert.Null(verdict["champion"]);
        Assert.Equal("auc", (string?)verdict["metric"]);
        Assert.Equal("weak", (string?)verdict["runner_up"]!["name"]);
        Assert.True((double)verdict["runner_up"]!["p_value"]! < 0.01);
        Assert.Equal((double)verdict["p_value"]!, (double)outputs.Values["p_value"]!);
        Assert.Contains("no champion", (string?)outputs.Values["reason"], StringComparison.Ordinal);
        Assert.Contains("For information", (string?)outputs.Values["reason"], StringComparison.Ordinal);
        var rows = outputs.Values["candidates"]!.AsArray();
        Assert.Equal(["weak", "strong"], rows.Select(r => (string)r!["name"]!));
        Assert.Equal([false, true], rows.Select(r => (bool)r!["winner"]!));
        Assert.True((double)rows[1]!["accuracy"]! > 0.8 && (double)rows[1]!["test_auc"]! > 0.9);
        // The winner goes on as it was trained, and its metrics are those of the test part.
        Assert.Equal(Bench.Digest(bench.PathOf("strong")), Bench.Digest(bench.PathOf("winner")));
        Assert.Equal((double)rows[1]!["test_auc"]!, outputs.Metrics["auc"]);
    }

    [Fact]
    public async Task A_floor_that_does_not_hold_stops_the_promotion_champion_or_not()
    {
        var outputs = await bench.RunAsync("compare", With(["strong"], new { floors = new { accuracy = 0.999 } }));

        Assert.False((bool)outputs.Values["promote"]!);
        Assert.Contains("below its floor of 0.999", (string?)outputs.Values["reason"], StringComparison.Ordinal);
        Assert.Null(outputs.Values["p_value"]);
        Assert.Null(outputs.Values["verdict"]!["runner_up"]);
    }

    [Fact]
    public async Task A_challenger_that_is_significantly_better_takes_the_champions_place()
    {
        await ChampionAsync("weak");

        var outputs = await bench.RunAsync("compare", With(["strong", "twin"], new { metric = "accuracy" }));

        Assert.True((bool)outputs.Values["promote"]!);
        var verdict = outputs.Values["verdict"]!;
        Assert.Equal("McNemar's exact test", (string?)verdict["test"]);
        Assert.Equal(1, (int)verdict["champion"]!["version"]!);
        Assert.Equal((double)verdict["challenger"]!["value"]! - (double)verdict["champion"]!["value"]!, (double)verdict["effect"]!, 1e-9);
    }

    [Fact]
    public async Task A_twin_of_the_champion_is_not_promoted_though_its_number_may_be_higher()
    {
        await ChampionAsync("strong");

        var outputs = await bench.RunAsync("compare", With(["twin"], new { }));

        Assert.False((bool)outputs.Values["promote"]!);
        Assert.True((double)outputs.Values["p_value"]! > 0.05);
    }

    [Fact]
    public async Task A_gain_below_the_minimum_effect_is_not_enough()
    {
        await ChampionAsync("weak");

        var outputs = await bench.RunAsync("compare", With(["strong"], new { minimum_effect = 0.9 }));

        Assert.False((bool)outputs.Values["promote"]!);
        Assert.Contains("at least 0.9", (string?)outputs.Values["reason"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rules_of_a_policy_hold_key_metrics_guardrails_and_slices_each_told_with_its_numbers()
    {
        await ChampionAsync("weak");
        var promotion = new
        {
            metrics = new object[] { "auc", new { name = "log_loss", minimum_effect = 0.001 } },
            require = "any",
            guardrails = new[] { new { metric = "accuracy", margin = "2%" } },
            slices = new
            {
                columns = new[] { "plan" },
                margin = 0.05,
                minimum_rows = 50,
            },
            approval = new { role = "owner", deadline = "2d" },
        };

        var outputs = await bench.RunAsync("compare", With(["strong"], new { promotion }));

        Assert.True((bool)outputs.Values["promote"]!, (string?)outputs.Values["reason"]);
        var verdict = outputs.Values["verdict"]!;
        Assert.Equal(["auc", "log_loss"], verdict["key_metrics"]!.AsArray().Select(m => (string?)m!["name"]));
        Assert.Equal(["accuracy", "auc", "auc", "auc"], verdict["guardrails"]!.AsArray().Select(g => (string?)g!["metric"]));
        Assert.Equal(["basic", "free", "pro"], verdict["guardrails"]!.AsArray().Select(g => (string?)g!["value"]).OfType<string>().Order());
        Assert.All(verdict["rules"]!.AsArray(), r => Assert.False(string.IsNullOrEmpty((string?)r!["text"])));
        Assert.Equal("owner", (string?)verdict["approval"]!["role"]);

        // The weak one in place of the strong: refused by every rule.
        await ChampionAsync("strong");
        var refused = await bench.RunAsync("compare", With(["weak"], new { promotion }));
        Assert.False((bool)refused.Values["promote"]!);
        Assert.Contains("accuracy (400 rows) goes from", (string?)refused.Values["reason"], StringComparison.Ordinal);
        await RefusedAsync(
            With(["strong"], new { promotion = new { guardrails = new[] { new { metric = "accuracy", margin = -1 } } } }),
            "guardrails: margin is 0 or more"
        );
        await RefusedAsync(With(["strong"], new { promotion = new { metrix = new[] { "auc" } } }), "'promotion' must be a map");
    }

    [Fact]
    public async Task The_champion_itself_is_not_promoted_again()
    {
        await ChampionAsync("strong");

        var outputs = await bench.RunAsync("compare", With(["strong", "weak"], new { }));

        Assert.False((bool)outputs.Values["promote"]!);
        Assert.Equal("It is version 1, which is already in production.", (string?)outputs.Values["reason"]);
    }

    [Fact]
    public async Task A_test_part_without_one_class_gives_no_verdict_in_favour()
    {
        var lines = bench.Read("test.csv").Split('\n');
        bench.Write("test.csv", string.Join('\n', lines.Where((l, i) => i == 0 || l.Contains(",yes,", StringComparison.Ordinal))) + "\n");

        var outputs = await bench.RunAsync("compare", With(["strong", "weak"], new { }));

        Assert.False((bool)outputs.Values["promote"]!);
        Assert.Contains("undefined (NaN) metrics", (string?)outputs.Values["reason"], StringComparison.Ordinal);
        Assert.Null(outputs.Values["verdict"]!["challenger"]!["value"]);
    }

    [Fact]
    public async Task Models_with_thresholds_of_their_own_are_compared_by_their_own_decisions()
    {
        // The same trees, but one decides at 0.9: its accuracy is what it decides, not what it would at 0.5.
        await TrainAsync("shy", new { number_of_trees = 60, number_of_leaves = 8 }, threshold: 0.97);
        await ChampionAsync("shy");

        var outputs = await bench.RunAsync("compare", With(["strong"], new { metric = "accuracy" }));

        var shy = (double)bench.Json("shy.metrics.json")["accuracy"]!;
        var verdict = outputs.Values["verdict"]!;
        Assert.True((double)verdict["champion"]!["value"]! < (double)verdict["challenger"]!["value"]! - 0.02);
        Assert.Equal(shy, (double)verdict["champion"]!["value"]!, 0.1);
        Assert.Equal((double)verdict["challenger"]!["value"]! - (double)verdict["champion"]!["value"]!, (double)verdict["effect"]!, 1e-9);
        // AUC does not know thresholds, and these are the same trees.
        var auc = (await bench.RunAsync("compare", With(["strong"], new { metric = "auc" }))).Values["verdict"]!;
        Assert.Equal((double)auc["challenger"]!["value"]!, (double)auc["champion"]!["value"]!, 1e-9);
    }

    [Fact]
    public async Task A_recorded_verdict_holds_until_another_champion_comes()
    {
        var with = With(["strong", "weak"], new { });
        var recorded = Recorded(await bench.RunAsync("compare", with));
        Assert.True(await bench.StillHoldsAsync("compare", with, recorded));

        // Its own winner became the champion: that is what the verdict was for.
        await RegisterAsync("winner");
        Assert.True(await bench.StillHoldsAsync("compare", with, recorded));
        var against = Recorded(await bench.RunAsync("compare", With(["twin"], new { })));

        await ChampionAsync("weak");
        Assert.False(await bench.StillHoldsAsync("compare", with, recorded));
        Assert.False(await bench.StillHoldsAsync("compare", With(["twin"], new { }), against));
    }

    [Fact]
    public async Task A_champion_that_cannot_read_the_rows_stops_the_comparison()
    {
        await bench.RunAsync(
            "train/fast-tree",
            Json.Merge(TrainParametersOf.Binary("train.csv"), new { exclude = new[] { "id" }, model = "other" })
        );
        await ChampionAsync("other");
        bench.Write("test.csv", Samples.Small(400, seed: 3).Replace("bought,amount", "bought,sum", StringComparison.Ordinal));

        var wrong = await Assert.ThrowsAsync<ServerlessException>(() => bench.RunAsync("compare", With(["strong"], new { })));

        Assert.Contains("churn version 1, cannot be compared on these rows", wrong.Message, StringComparison.Ordinal);
        Assert.Contains("column 'amount'", wrong.Message, StringComparison.Ordinal);
        Assert.Contains("archive", wrong.Fix, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Comparisons_that_make_no_sense_are_refused()
    {
        await RefusedAsync(With([], new { }), "no candidates");
        await RefusedAsync(With(["strong"], new { metric = "acuracy" }), "'acuracy' is not a metric");
        await RefusedAsync(With(["strong"], new { floors = new { rmse = 1 } }), "'rmse' is not a metric");
        await RefusedAsync(With(["strong", "weak"], new { predictions = new[] { "strong.csv" } }), "2 candidates, but 1 predictions");
        await RefusedAsync(With(["strong", "strong"], new { }), "listed twice as a candidate");
        await RefusedAsync(With(["strong"], new { predictions = new[] { "test.csv" } }), "has no valid predictions");
        bench.Write("weak.csv", string.Join('\n', bench.Read("weak.csv").Split('\n')[..100]) + "\n");
        await RefusedAsync(With(["strong", "weak"], new { }), "different rows");
        await bench.RunAsync("train/fast-tree", Json.Merge(TrainParametersOf.Regression("train.csv"), new { model = "number" }));
        await RefusedAsync(With(["strong", "number"], new { predictions = new[] { "strong.csv", "strong.csv" } }), "different targets");
    }

    [Fact]
    public async Task Regressions_are_compared_by_their_error()
    {
        foreach (var (name, trees) in new[] { ("good", 60), ("bad", 2) })
        {
            await bench.RunAsync(
                "train/fast-tree",
                Json.Merge(TrainParametersOf.Regression("train.csv"), new { model = name, number_of_trees = trees })
            );
            await bench.RunAsync(
                "evaluate",
                new
                {
                    model = name,
                    data = "validation.csv",
                    metrics = name + ".metrics.json",
                    predictions = name + ".csv",
                }
            );
        }

        await ChampionAsync("bad");
        var outputs = await bench.RunAsync("compare", With(["bad", "good"], new { floors = new { rmse = 10, r2 = 0.5 } }));

        Assert.True((bool)outputs.Values["promote"]!);
        Assert.Equal("rmse", (string?)outputs.Values["metric"]);
        Assert.Equal("paired bootstrap", (string?)outputs.Values["verdict"]!["test"]);
        Assert.True((double)outputs.Values["effect"]! > 0);
    }

    private static ComponentOutputs Recorded(ComponentOutputs outputs) =>
        new() { Values = JsonNode.Parse(outputs.Values.ToJsonString())!.AsObject() };

    private static Dictionary<string, object?> With(string[] candidates, object more) =>
        Json.Merge(
            new
            {
                name = "churn",
                candidates,
                predictions = candidates.Select(c => c + ".csv"),
                test = "test.csv",
                model = "winner",
                verdict = "verdict.json",
            },
            more
        );

    private async Task RefusedAsync(object with, string says) =>
        Assert.Contains(
            says,
            (await Assert.ThrowsAsync<ServerlessException>(() => bench.RunAsync("compare", with))).Message,
            StringComparison.Ordinal
        );

    private async Task TrainAsync(string name, object parameters, double threshold = 0.5)
    {
        await bench.RunAsync(
            "train/fast-tree",
            Json.Merge(
                TrainParametersOf.Binary("train.csv"),
                new
                {
                    model = name,
                    parameters,
                    threshold,
                }
            )
        );
        await bench.RunAsync(
            "evaluate",
            new
            {
                model = name,
                data = "validation.csv",
                metrics = name + ".metrics.json",
                predictions = name + ".csv",
            }
        );
    }

    private async Task ChampionAsync(string model) => await RegisterAsync(model);

    private async Task RegisterAsync(string model)
    {
        var outputs = await bench.RunAsync(
            "register",
            new
            {
                name = "churn",
                model,
                registration = "r.json",
            }
        );
        await bench.Registry.TransitionStageAsync(
            new TransitionRequest
            {
                Name = "churn",
                Version = (int)outputs.Values["version"]!,
                Stage = Stage.Production,
                ArchiveExisting = true,
                By = "test",
            },
            default
        );
    }
}
