using Serverless.Monitoring.Performance;

namespace Serverless.Monitoring.Comparison;

/// <summary>A comparison of a challenger with a champion, and what the challenger has to show.</summary>
public sealed record ComparisonRequest
{
    /// <summary>Gets the task. Default: binary classification.</summary>
    public ModelTask Task { get; init; }

    /// <summary>Gets the true values of the test rows: 0 or 1 for classification.</summary>
    public required double[] Labels { get; init; }

    /// <summary>Gets the champion's scores or predictions for the same rows, in the same order; null without a champion.</summary>
    public double[]? Champion { get; init; }

    /// <summary>Gets the challenger's scores or predictions.</summary>
    public required double[] Challenger { get; init; }

    /// <summary>Gets the metrics in which the challenger must be better. Default: auc for classification, rmse for regression.</summary>
    public IReadOnlyList<string> Metrics { get; init; } = [];

    /// <summary>
    /// Gets whether the challenger must be better in all of them, which needs no correction for their number (each additional metric makes
    /// a promotion rarer), or in any, which uses Holm's correction and requires it not to be significantly worse in the others. Default:
    /// all.
    /// </summary>
    public MetricRequirement Require { get; init; }

    /// <summary>Gets the one-sided level of each test: how often an equally good challenger may be promoted. Default: 0.05.</summary>
    public double Alpha { get; init; } = 0.05;

    /// <summary>
    /// Gets the smallest gain worth a promotion, in the unit of the metric, for every metric of <see cref="Metrics"/>. Default: 0.
    /// </summary>
    public double MinimumEffect { get; init; }

    /// <summary>Gets the smallest gains by metric, which override <see cref="MinimumEffect"/>. Default: none.</summary>
    public IReadOnlyDictionary<string, double> MinimumEffects { get; init; } = new Dictionary<string, double>();

    /// <summary>
    /// Gets the limits of the challenger's metrics, with or without a champion: minimums for accuracy, auc, f1, precision, recall and r2,
    /// maximums for log_loss, rmse and mae. Default: none.
    /// </summary>
    public IReadOnlyDictionary<string, double> Floors { get; init; } = new Dictionary<string, double>();

    /// <summary>Gets the metrics in which it must not be worse. Default: none.</summary>
    public IReadOnlyList<MetricGuardrail> Guardrails { get; init; } = [];

    /// <summary>Gets the slices of the rows on which it must not be worse; null for none.</summary>
    public SliceGuardrail? Slices { get; init; }

    /// <summary>Gets the decision threshold: a score above it predicts 1. Default: 0.5.</summary>
    public double Threshold { get; init; } = 0.5;

    /// <summary>Gets the champion's threshold; null if it is the same.</summary>
    public double? ChampionThreshold { get; init; }

    /// <summary>
    /// Gets the number of candidates that the challenger was selected from on these rows. The best of several looks better than it is, so
    /// p-values are multiplied by this number (Bonferroni, Holm's first step). Default: 1.
    /// </summary>
    public int Candidates { get; init; } = 1;

    /// <summary>Gets the number of bootstrap replicates. Default: 2,000.</summary>
    public int BootstrapReplicates { get; init; } = 2000;

    /// <summary>Gets the seed of the bootstrap. Default: 0.</summary>
    public long Seed { get; init; }
}
