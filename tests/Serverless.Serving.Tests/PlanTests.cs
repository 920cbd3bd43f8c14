using System.Text.Json;
using Serverless.Core;
using Serverless.Serving.Rollouts;
using Serverless.Training.Promotion;

namespace Serverless.Serving.Tests;

/// <summary>The sections of a policy, and the parameters of components, as people write them.</summary>
public sealed class PlanTests
{
    [Fact]
    public void Shares_and_times_are_read_as_people_write_them()
    {
        var plan = Read<RolloutPlan>(
            """
            {"steps": ["5%", 0.25, {"traffic": "100%", "bake": "1h30m"}], "bake": "10m", "errors": {"margin": "1%"},
             "latency": {"margin": "30%"}, "quality": {"loss": "error", "margin": 0.02}, "breaker": {"error_rate": "20%", "last": 50},
             "deadline": "2d"}
            """
        );

        Assert.Equal([0.05, 0.25, 1], plan.Steps.Select(s => s.Traffic));
        Assert.Equal([10, 10, 90], Enumerable.Range(0, 3).Select(i => plan.BakeOf(i).TotalMinutes));
        Assert.Equal(
            (0.01, 0.3, QualityLoss.Error, 0.2, 50, 2),
            (plan.Errors.Margin, plan.Latency.Margin, plan.Quality!.Loss, plan.Breaker.ErrorRate, plan.Breaker.Last, plan.Deadline.Days)
        );
        Assert.Empty(plan.Check());
        Assert.Empty(Read<RolloutPlan>("{}").Check());
    }

    [Theory]
    [InlineData("""{"stepz": []}""", "unknown key 'stepz'")]
    [InlineData("""{"bake": "soon"}""", "'rollout.bake' cannot be read: 'soon' is not a duration")]
    [InlineData("""{"steps": [{"traffic": "5%", "bakes": "1h"}]}""", "a step has no key 'bakes'")]
    [InlineData("""{"steps": ["a lot"]}""", "'a lot' is not a share such as 5% or 0.05")]
    public void What_cannot_be_read_is_told(string text, string says) =>
        Assert.Contains(says, Assert.Throws<ServerlessException>(() => Read<RolloutPlan>(text)).Message);

    [Theory]
    [InlineData("""{"steps": ["25%", "5%", "100%"]}""", "steps: every step has more traffic than the one before")]
    [InlineData("""{"steps": ["5%"]}""", "steps: the last one is 100%")]
    [InlineData("""{"steps": []}""", "steps: 1 to 20 of them")]
    [InlineData("""{"alpha": 0.9}""", "alpha: ")]
    [InlineData("""{"breaker": {"error_rate": 0}}""", "breaker.error_rate: ")]
    [InlineData("""{"bake": "2d", "deadline": "1d"}""", "deadline: longer than the steps bake together")]
    public void What_cannot_be_meant_is_told(string text, string says) =>
        Assert.Contains(Read<RolloutPlan>(text).Check(), f => f.StartsWith(says, StringComparison.Ordinal));

    [Fact]
    public void Rules_of_a_promotion_are_read_and_checked()
    {
        var rules = JsonSerializer.Deserialize<JsonElement>(
            """
            {"metrics": ["auc", {"name": "log_loss", "minimum_effect": 0.01}], "require": "any",
            "guardrails": [{"metric": "recall", "margin": "2%"}],
             "slices": {"columns": ["contract"], "margin": 0.05}, "approval": {"role": "owner", "deadline": "2d"}}
            """
        );
        var read = PlanJson.Read<PromotionRules>(rules, "promotion");

        Assert.Equal(
            (Requirement.Any, 0.01, 0.02, 100, 2),
            (
                read.Require,
                read.Metrics[1].MinimumEffect!.Value,
                read.Guardrails[0].Margin,
                read.Slices!.MinimumRows,
                read.Approval!.Deadline.Days
            )
        );
        Assert.Empty(read.Check());
        Assert.Contains("unknown metric 'acu'", (read with { Metrics = [new KeyMetric { Name = "acu" }] }).Check().Single());
        Assert.Equal(
            read.Metrics,
            JsonSerializer.Deserialize<PromotionRules>(JsonSerializer.Serialize(read, PlanJson.Options), PlanJson.Options)!.Metrics
        );
    }

    [Fact]
    public void Places_of_keys_are_even_and_mixed_anew_for_each_rollout()
    {
        var places = Enumerable.Range(0, 20_000).Select(i => RolloutBuckets.PlaceOf("a", $"customer-{i}")).ToArray();

        Assert.InRange(places.Count(p => p < 0.05) / 20_000.0, 0.045, 0.055);
        Assert.InRange(places.Average(), 0.49, 0.51);
        Assert.NotEqual(places[0], RolloutBuckets.PlaceOf("b", "customer-0"));
        Assert.Equal(places[7], RolloutBuckets.PlaceOf("a", "customer-7"));
    }

    private static T Read<T>(string json) => PlanJson.Read<T>(JsonSerializer.Deserialize<JsonElement>(json), "rollout");
}
