using System.Globalization;
using Serverless.Core;
using Serverless.Monitoring.Performance;

namespace Serverless.Monitoring.Comparison;

/// <summary>Rejects invalid requests before anything is computed.</summary>
internal static class ComparisonCheck
{
    public static void Check(ComparisonRequest request)
    {
        MetricInput.CheckLengths(request.Labels, request.Challenger, "challenger scores");
        if (request.Champion is not null)
        {
            MetricInput.CheckLengths(request.Labels, request.Champion, "champion scores");
        }

        if (request.Task == ModelTask.BinaryClassification)
        {
            MetricInput.CheckLabels(request.Labels);
        }

        Require(request.Alpha is > 0 and < 0.5, "alpha", request.Alpha, "more than 0 and less than 0.5; 0.05 is usual");
        Require(request.MinimumEffect is >= 0 and < double.PositiveInfinity, "the minimum effect", request.MinimumEffect, "0 or more");
        Require(request.Candidates >= 1, "the number of candidates", request.Candidates, "1 or more");
        Require(
            request.BootstrapReplicates >= 1,
            "the number of bootstrap replicates",
            request.BootstrapReplicates,
            "1 or more; 2000 is usual"
        );

        // A bootstrap's p-value is at least 1 / (replicates + 1): with too few replicates nothing could be promoted, and nobody would see
        // why.
        var named = request
            .Metrics.Concat(request.Guardrails.Select(g => g.Metric))
            .Concat(request.Slices?.Metric is { } sliced ? [sliced] : [])
            .ToList();
        var needsBootstrap = request.Task == ModelTask.Regression || named.Exists(name => name is not ("accuracy" or "auc"));
        Require(
            !needsBootstrap || (request.BootstrapReplicates + 1) * request.Alpha >= request.Candidates,
            "the number of bootstrap replicates",
            request.BootstrapReplicates,
            $"at least candidates / alpha - 1 = {Math.Ceiling(request.Candidates / request.Alpha) - 1}"
        );

        foreach (var name in named.Concat(request.MinimumEffects.Keys))
        {
            MetricDefinition.Get(name, request.Task);
        }

        foreach (var (name, effect) in request.MinimumEffects)
        {
            Require(effect is >= 0 and < double.PositiveInfinity, $"the minimum effect of {name}", effect, "0 or more");
        }

        foreach (var guardrail in request.Guardrails)
        {
            Require(
                guardrail.Margin is >= 0 and < double.PositiveInfinity,
                $"the margin of {guardrail.Metric}",
                guardrail.Margin,
                "0 or more"
            );
        }

        if (request.Slices is { } slices)
        {
            Require(slices.Margin is >= 0 and < double.PositiveInfinity, "the margin of slices", slices.Margin, "0 or more");
            Require(slices.MinimumRows >= 2, "the minimum of rows of a slice", slices.MinimumRows, "2 or more");
        }

        foreach (var (name, floor) in request.Floors)
        {
            MetricDefinition.Get(name, request.Task);
            Require(!double.IsNaN(floor), $"the floor of {name}", floor, "a number");
        }
    }

    private static void Require(bool holds, string what, double value, string right)
    {
        if (!holds)
        {
            throw ServerlessException.Invalid(
                $"{char.ToUpperInvariant(what[0])}{what[1..]} is {value.ToString("R", CultureInfo.InvariantCulture)}.",
                $"It must be {right}."
            );
        }
    }
}
