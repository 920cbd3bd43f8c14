using System.Globalization;

namespace Serverless.Training.Promotion;

/// <summary>Validates a rollout plan.</summary>
internal static class RolloutPlanCheck
{
    public static IReadOnlyList<string> Of(RolloutPlan plan)
    {
        var found = new List<string>();
        void Require(bool holds, string what)
        {
            if (!holds)
            {
                found.Add(what);
            }
        }

        Require(plan.Steps.Count is >= 1 and <= 20, "steps: 1 to 20 of them");
        Require(plan.Steps.All(s => s.Traffic is > 0 and <= 1), "steps: every traffic is above 0 and at most 100%");
        Require(
            plan.Steps.Zip(plan.Steps.Skip(1)).All(p => p.First.Traffic < p.Second.Traffic),
            "steps: every step has more traffic than the one before"
        );
        Require(plan.Steps.Count > 0 && plan.Steps[^1].Traffic == 1, "steps: the last one is 100%");
        Require(plan.Bake >= TimeSpan.Zero, "bake: 0 or more");
        Require(plan.MinimumRequests is >= 0 and <= 10_000_000, "minimum_requests: 0 or more");
        Require(plan.Alpha is >= 0.0001 and <= 0.5, "alpha: from 0.0001 to 0.5; 0.05 is usual");
        Require(plan.SampleRatioAlpha is >= 0 and <= 0.1, "sample_ratio_alpha: from 0 to 0.1; 0.001 is usual");
        Require(plan.Errors.Margin is >= 0 and < 0.5, "errors.margin: from 0 to below 50%");
        Require(plan.Latency.Margin is >= 0 and <= 10, "latency.margin: from 0 to 10; 0.25 is a quarter slower");
        Require(plan.Quality is null || (plan.Quality.Margin >= 0 && double.IsFinite(plan.Quality.Margin)), "quality.margin: 0 or more");
        Require(plan.Quality is null || (plan.Quality.Effect > 0 && double.IsFinite(plan.Quality.Effect)), "quality.effect: above 0");
        Require(plan.Breaker.ErrorRate is > 0 and <= 1, "breaker.error_rate: above 0, at most 100%");
        Require(plan.Breaker.Last is >= 1 and <= 10_000, "breaker.last: from 1 to 10,000");
        var bakes = plan.Steps.Aggregate(TimeSpan.Zero, (sum, step) => sum + (step.Bake ?? plan.Bake));
        Require(
            plan.Deadline > bakes,
            string.Create(CultureInfo.InvariantCulture, $"deadline: longer than the steps bake together, which is {bakes}")
        );
        return found;
    }
}
