using Serverless.Monitoring.Performance;

namespace Serverless.Monitoring.Comparison;

/// <summary>What a challenger has to show, and against whom.</summary>
public sealed record ComparisonRequest
{
    /// <summary>Default: binary classification.</summary>
    public ModelTask Task { get; init; }

    /// <summary>The true values of the test rows: 0 or 1 for classification.</summary>
    public required double[] Labels { get; init; }

    /// <summary>The champion's scores or predictions of the same rows, in the same order; null if there is no champion.</summary>
    public double[]? Champion { get; init; }

    /// <summary>The challenger's scores or predictions.</summary>
    public required double[] Challenger { get; init; }

    /// <summary>
    /// The metrics by which the challenger must be better. Default: auc for classification, rmse for regression.
    /// </summary>
    public IReadOnlyList<string> Metrics { get; init; } = [];

    /// <summary>
    /// Whether it must be better by all of them, which needs no correction for their number (each more metric makes a promotion rarer), or
    /// by any, which gets Holm's, and not significantly worse by the others. Default: all.
    /// </summary>
    public MetricRequirement Require { get; init; }

    /// <summary>The level of each test, one-sided: how often an equally good challenger may be promoted. Default: 0.05.</summary>
    public double Alpha { get; init; } = 0.05;

    /// <summary>
    /// The smallest gain worth a promotion, in the unit of the metric, for every metric of <see cref="Metrics"/>. Default: 0.
    /// </summary>
    public double MinimumEffect { get; init; }

    /// <summary>The smallest gain worth a promotion of single metrics, in place of <see cref="MinimumEffect"/>. Default: none.</summary>
    public IReadOnlyDictionary<string, double> MinimumEffects { get; init; } = new Dictionary<string, double>();

    /// <summary>
    /// The worst values that the challenger may have, by metric, champion or not: at least that for accuracy, auc, f1, precision, recall
    /// and
    /// r2, at most that for log_loss, rmse and mae. Default: none.
    /// </summary>
    public IReadOnlyDictionary<string, double> Floors { get; init; } = new Dictionary<string, double>();

    /// <summary>Metrics by which the challenger must not be worse. Default: none.</summary>
    public IReadOnlyList<MetricGuardrail> Guardrails { get; init; } = [];

    /// <summary>Parts of the rows for which it must not be worse; null for none.</summary>
    public SliceGuardrail? Slices { get; init; }

    /// <summary>A score above this predicts 1. Default: 0.5.</summary>
    public double Threshold { get; init; } = 0.5;

    /// <summary>The champion's own threshold; null if it is the same.</summary>
    public double? ChampionThreshold { get; init; }

    /// <summary>
    /// Out of how many candidates the challenger was picked on these same rows. The best of several looks better than it is,
    /// so p-values are multiplied by this (Bonferroni, Holm's first step). Default: 1.
    /// </summary>
    public int Candidates { get; init; } = 1;

    /// <summary>How many times the bootstrap draws. Default: 2,000.</summary>
    public int BootstrapReplicates { get; init; } = 2000;

    /// <summary>Where the bootstrap's random numbers start. Default: 0.</summary>
    public long Seed { get; init; }
}
