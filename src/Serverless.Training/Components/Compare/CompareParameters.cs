using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Serverless.Pipelines.Components;
using Serverless.Training.Models;
using Serverless.Training.Promotion;

namespace Serverless.Training.Components.Compare;

internal sealed class CompareParameters
{
    [Description("Model folders of the candidates. A candidate is named after the last part of its path.")]
    public required InputPaths Candidates { get; set; }

    [Description("Predictions by `evaluate` for the validation part, one file per candidate in the same order. They choose the winner.")]
    public required InputPaths Predictions { get; set; }

    [Description("Test part: labeled rows that were used neither to train nor to choose a candidate. They judge the winner.")]
    public required InputPath Test { get; set; }

    [Required]
    [Description("Name of the registered model. Its version in production is the champion.")]
    public required string Name { get; set; }

    [Description("Model folder to write with the winner.")]
    public required OutputPath Model { get; set; }

    [Description("JSON file to write: verdict, candidates, metrics with intervals, slices.")]
    public required OutputPath Verdict { get; set; }

    [MetricsFile]
    [Description("JSON file to write with the winner's metrics on the test part.")]
    public OutputPath? Metrics { get; set; }

    [Description("Metric for choosing and testing. Default: auc for binary, rmse for regression.")]
    public string? Metric { get; set; }

    [Description(
        "Floors for the winner on the test part, by metric: a minimum for accuracy, auc, f1, precision, recall, r2; a maximum for "
            + "log_loss, rmse, mae."
    )]
    public IReadOnlyDictionary<string, double> Floors { get; set; } = new Dictionary<string, double>();

    [Range(0.0001, 0.5)]
    [Description("Significance level: the accepted chance of promoting a model that is no better. The p-value must be below it.")]
    public double Alpha { get; set; } = 0.05;

    [Range(0.0, double.MaxValue)]
    [Description("Minimum improvement over the champion.")]
    public double MinimumEffect { get; set; }

    [Description(
        "Promotion rules, as in a policy: metrics, require, alpha, minimum_effect, floors, guardrails, slices. They "
            + "replace metric, alpha, minimum_effect and floors."
    )]
    public PromotionRules? Promotion { get; set; }

    [Description("Columns to slice by: each value is a slice with its own metrics.")]
    public IReadOnlyList<string> Slices { get; set; } = [];

    [Range(0, int.MaxValue)]
    [Description("Seed of the bootstrap.")]
    public int Seed { get; set; }

    /// <summary>The promotion rules, from `promotion` or from the single parameters.</summary>
    public PromotionRules RulesFor(LearningTask task)
    {
        var given =
            Promotion
            ?? new PromotionRules
            {
                Metrics = Metric is null ? [] : [new KeyMetric { Name = Metric }],
                Alpha = Alpha,
                MinimumEffect = MinimumEffect,
                Floors = Floors,
            };
        return given.Metrics.Count > 0
            ? given
            : given with
            {
                Metrics = [new KeyMetric { Name = task == LearningTask.Binary ? "auc" : "rmse" }],
            };
    }
}
