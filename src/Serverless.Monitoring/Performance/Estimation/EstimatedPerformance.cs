using Serverless.Core;
using Serverless.Monitoring.Significance;

namespace Serverless.Monitoring.Performance.Estimation;

/// <summary>A metric that was not measured but estimated. NaN where it is undefined.</summary>
public sealed record EstimatedMetric(double Value, ConfidenceInterval Interval);

/// <summary>
/// What a classifier's performance is expected to be on rows without labels. See <see cref="PerformanceEstimator"/> for what it cannot see.
/// </summary>
public sealed record EstimatedPerformance
{
    /// <summary>To be shown wherever the numbers are.</summary>
    public const string Caveat =
        "Estimated from calibrated scores, without labels. It cannot see concept drift: rows of the same kind that turn out otherwise "
        + "than in the reference.";

    public bool IsEstimate => true;

    public string Note => Caveat;

    public required int Rows { get; init; }

    /// <summary>Expected counts: sums of probabilities, so they are no whole numbers.</summary>
    public required double TruePositives { get; init; }

    public required double FalsePositives { get; init; }

    public required double TrueNegatives { get; init; }

    public required double FalseNegatives { get; init; }

    public required EstimatedMetric Accuracy { get; init; }

    public required EstimatedMetric F1 { get; init; }

    public required EstimatedMetric Precision { get; init; }

    public required EstimatedMetric Recall { get; init; }

    public required EstimatedMetric Auc { get; init; }

    /// <summary>The names of what is estimated.</summary>
    public static IReadOnlyList<string> Metrics { get; } = ["accuracy", "auc", "f1", "precision", "recall"];

    /// <summary>A metric by its name.</summary>
    public EstimatedMetric Of(string metric) =>
        metric switch
        {
            "accuracy" => Accuracy,
            "auc" => Auc,
            "f1" => F1,
            "precision" => Precision,
            "recall" => Recall,
            _ => throw ServerlessException.Invalid(
                $"'{metric}' cannot be estimated without labels.",
                "Take accuracy, auc, f1, precision or recall, or `source: labels`."
            ),
        };
}
