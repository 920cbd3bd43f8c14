using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Serverless.Pipelines.Components;
using Serverless.Training.Models;
using Serverless.Training.Promotion;

namespace Serverless.Training.Components.Compare;

internal sealed class CompareParameters
{
    [Description("The candidates' model folders. A candidate is called by the last part of its path.")]
    public required InputPaths Candidates { get; set; }

    [Description("What `evaluate` predicted for the validation part with each candidate, in the same order. They choose the winner.")]
    public required InputPaths Predictions { get; set; }

    [Description("The test part: labelled rows that neither taught a candidate nor chose one. They judge the winner.")]
    public required InputPath Test { get; set; }

    [Required]
    [Description("Name of the registered model, whose version in production is the champion.")]
    public required string Name { get; set; }

    [Description("The winner's model folder.")]
    public required OutputPath Model { get; set; }

    [Description("JSON file to write: verdict, candidates, metrics with intervals, slices.")]
    public required OutputPath Verdict { get; set; }

    [MetricsFile]
    [Description("JSON file of the winner's metrics on the test part.")]
    public OutputPath? Metrics { get; set; }

    [Description("The metric that chooses and is tested. Default: auc for binary, rmse for regression.")]
    public string? Metric { get; set; }

    [Description(
        "What the winner must reach on the test part, by metric: at least for accuracy, auc, f1, precision, recall, r2; at most for "
            + "log_loss, rmse, mae."
    )]
    public IReadOnlyDictionary<string, double> Floors { get; set; } = new Dictionary<string, double>();

    [Range(0.0001, 0.5)]
    [Description("The chance one accepts to promote a model that is no better: the p-value must be below.")]
    public double Alpha { get; set; } = 0.05;

    [Range(0.0, double.MaxValue)]
    [Description("By how much the winner must at least be better than the champion.")]
    public double MinimumEffect { get; set; }

    [Description(
        "All that a challenger must show, as in a policy: metrics, require, alpha, minimum_effect, floors, guardrails, slices. It "
            + "takes the place of metric, alpha, minimum_effect and floors."
    )]
    public PromotionRules? Promotion { get; set; }

    [Description("Columns whose every value is a slice with metrics of its own.")]
    public IReadOnlyList<string> Slices { get; set; } = [];

    [Range(0, int.MaxValue)]
    [Description("Seed of the bootstrap.")]
    public int Seed { get; set; }

    /// <summary>The rules, from wherever they come.</summary>
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
