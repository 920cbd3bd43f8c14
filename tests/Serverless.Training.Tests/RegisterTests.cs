using Serverless.Core;
using Serverless.Tracking.Models;
using Serverless.Training.Models;
using Serverless.Training.Tests.Support;

namespace Serverless.Training.Tests;

public sealed class RegisterTests : IAsyncLifetime
{
    private readonly Bench bench = new();

    public async ValueTask InitializeAsync()
    {
        bench.Write("train.csv", Samples.Small(400));
        bench.Write("validation.csv", Samples.Small(200, seed: 2));
        bench.Write("test.csv", Samples.Small(300, seed: 3));
        foreach (var (name, trees) in new[] { ("small", 1), ("large", 40) })
        {
            await bench.RunAsync(
                "train/fast-tree",
                Json.Merge(TrainParametersOf.Binary("train.csv"), new { model = name, parameters = new { number_of_trees = trees } })
            );
            await bench.RunAsync(
                "evaluate",
                new
                {
                    model = name,
                    data = "validation.csv",
                    metrics = "m.json",
                    predictions = name + ".csv",
                }
            );
        }

        await CompareAsync();
    }

    public ValueTask DisposeAsync()
    {
        bench.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task The_winner_becomes_a_version_with_a_card_and_goes_into_production()
    {
        var registered = await bench.RunAsync("register", With());
        var promoted = await bench.RunAsync("promote", new { registration = "registration.json" });

        var version = Assert.Single(bench.Registry.Versions);
        Assert.Equal(Stage.Production, version.Stage);
        Assert.Equal("run-1", version.RunId);
        Assert.Equal(version.Digest, (string?)registered.Values["digest"]);
        Assert.Equal(1, (int)promoted.Values["version"]!);
        Assert.Equal("Production", (string?)promoted.Values["stage"]);
        Assert.Null(promoted.Values["previous"]);
        Assert.True(File.Exists(Path.Combine(version.Source, "README.md")));
        Assert.Equal(bench.Read("card.md"), File.ReadAllText(Path.Combine(version.Source, "README.md")));
        Assert.Equal(Bench.Digest(bench.PathOf("winner")), version.Tags["serverless.trained_digest"]);
        Assert.Equal("ours", version.Tags["team"]);
        var transition = Assert.Single(bench.Registry.Transitions);
        Assert.Contains("floor", transition.Why, StringComparison.Ordinal);
        Assert.Contains("run-1", transition.By, StringComparison.Ordinal);
        using var model = StoredModel.Load(version.Source);
    }

    [Fact]
    public async Task The_same_model_is_the_same_version_whichever_run_registers_it()
    {
        var first = await bench.RunAsync("register", With());
        var second = await bench.RunAsync("register", With(), run: "run-2");

        Assert.Equal((int)first.Values["version"]!, (int)second.Values["version"]!);
        Assert.Single(bench.Registry.Versions);
    }

    [Fact]
    public async Task Records_of_register_and_promote_hold_while_the_registry_says_so()
    {
        var registered = await bench.RunAsync("register", With());
        var promote = new { registration = "registration.json" };
        var promoted = await bench.RunAsync("promote", promote);

        Assert.True(await bench.StillHoldsAsync("register", With(), registered));
        Assert.True(await bench.StillHoldsAsync("promote", promote, promoted));
        await bench.Registry.TransitionStageAsync(
            new TransitionRequest
            {
                Name = "shop",
                Version = 1,
                Stage = Stage.Archived,
                By = "me",
            },
            default
        );
        Assert.True(await bench.StillHoldsAsync("register", With(), registered));
        Assert.False(await bench.StillHoldsAsync("promote", promote, promoted));
        bench.Registry.Remove(1);
        Assert.False(await bench.StillHoldsAsync("register", With(), registered));
    }

    [Fact]
    public async Task Promotion_archives_the_one_before()
    {
        await bench.RunAsync("register", With());
        await bench.RunAsync("promote", new { registration = "registration.json" });
        await bench.RunAsync("register", Json.Merge(With(), new { model = "small" }));

        // `small` was compared with nothing that is known here, so nothing is asked of the champion.
        var promoted = await bench.RunAsync(
            "register",
            new
            {
                name = "shop",
                model = "small",
                registration = "registration.json",
            }
        );
        promoted = await bench.RunAsync("promote", new { registration = "registration.json", why = "because" });

        Assert.Equal(1, (int)promoted.Values["previous"]!);
        Assert.Equal(Stage.Archived, bench.Registry.Versions[0].Stage);
        Assert.Equal("because", bench.Registry.Transitions[^1].Why);
    }

    [Fact]
    public async Task A_champion_that_came_after_the_comparison_is_not_replaced()
    {
        await bench.RunAsync("register", With());
        await bench.RunAsync(
            "register",
            new
            {
                name = "shop",
                model = "small",
                registration = "other.json",
            }
        );
        await bench.RunAsync("promote", new { registration = "other.json" });

        var wrong = await Assert.ThrowsAsync<ServerlessException>(() =>
            bench.RunAsync("promote", new { registration = "registration.json" })
        );

        Assert.Equal(ErrorCodes.ResourceConflict, wrong.Code);
        Assert.Contains(
            "version 2 went to Production after version 1 was compared with no champion",
            wrong.Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task The_card_tells_data_parameters_metrics_slices_and_limits()
    {
        await bench.RunAsync("register", With());

        var card = bench.Read("card.md");
        var head = Yaml.ToJson(card.Split("---\n")[1])!;
        Assert.Equal("mlnet", (string?)head["library_name"]);
        Assert.Equal("tabular-classification", (string?)head["pipeline_tag"]);
        Assert.Equal("shop", (string?)head["model-index"]![0]!["name"]);
        Assert.Equal("accuracy", (string?)head["model-index"]![0]!["results"]![0]!["metrics"]![0]!["type"]);
        foreach (
            var part in new[]
            {
                "# shop\n\nTells who buys.\n",
                "## Intended use\n\nTo greet.\n",
                $"| Digest | `{Bench.Digest(bench.PathOf("train.csv"))}` |",
                "| Rows | 400 |",
                "| number_of_trees | 40 |",
                "On 300 rows of `test.csv`",
                "| Metric | Value | 95 % interval | Floor |",
                "≥ 0.7",
                "| **large** |",
                "| `plan` = `pro` |",
                "| `income` | double | yes |",
                "- Only here.\n",
                "Missing values of `income` are replaced by the mean",
                "It was trained on 400 rows",
            }
        )
        {
            Assert.Contains(part, card, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Without_a_verdict_the_card_says_that_nobody_measured()
    {
        await bench.RunAsync(
            "register",
            new
            {
                name = "shop",
                model = "large",
                card = "card.md",
            }
        );

        Assert.Contains("registered without a comparison", bench.Read("card.md"), StringComparison.Ordinal);
        Assert.DoesNotContain("## Metrics", bench.Read("card.md"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_no_model_verdict_or_registration_is_refused()
    {
        bench.Write("folder/x.txt", "");
        bench.Write("no.json", "[]");

        Assert.Contains(
            "is not a model folder",
            await RefusedAsync("register", new { name = "shop", model = "folder" }),
            StringComparison.Ordinal
        );
        Assert.Contains(
            "not a verdict",
            await RefusedAsync(
                "register",
                new
                {
                    name = "shop",
                    model = "large",
                    verdict = "no.json",
                }
            ),
            StringComparison.Ordinal
        );
        Assert.Contains("not a registration", await RefusedAsync("promote", new { registration = "no.json" }), StringComparison.Ordinal);
    }

    private static Dictionary<string, object?> With() =>
        Json.Merge(
            new
            {
                name = "shop",
                model = "winner",
                verdict = "verdict.json",
                registration = "registration.json",
                card = "card.md",
                description = "Tells who buys.",
                intended_use = "To greet.",
                limits = new[] { "Only here." },
                tags = new { team = "ours" },
            }
        );

    private async Task<string> RefusedAsync(string component, object with) =>
        (await Assert.ThrowsAsync<ServerlessException>(() => bench.RunAsync(component, with))).Message;

    private Task CompareAsync() =>
        bench.RunAsync(
            "compare",
            new
            {
                name = "shop",
                candidates = new[] { "small", "large" },
                predictions = new[] { "small.csv", "large.csv" },
                test = "test.csv",
                floors = new { accuracy = 0.7 },
                slices = new[] { "plan" },
                model = "winner",
                verdict = "verdict.json",
            }
        );
}
