using Serverless.Core;
using Serverless.Monitoring.Significance;

namespace Serverless.Monitoring.Performance.Estimation;

/// <summary>A metric that was estimated instead of measured. NaN if undefined.</summary>
public sealed record EstimatedMetric(double Value, ConfidenceInterval Interval);

/// <summary>
/// The expected performance of a classifier on rows without labels. See <see cref="PerformanceEstimator"/> for its limits.
/// </summary>
public sealed record EstimatedPerformance
{
    /// <summary>The note to show next to the numbers.</summary>
    public const string Caveat =
        "Estimated from calibrated scores, without labels. The estimate cannot detect concept drift, where similar rows have other "
        + "outcomes than in the reference.";

    public bool IsEstimate => true;

    public string Note => Caveat;

    public required int Rows { get; init; }

    /// <summary>Gets the expected counts, which are sums of probabilities and not integers.</summary>
    public required double TruePositives { get; init; }

    public required double FalsePositives { get; init; }

    public required double TrueNegatives { get; init; }

    public required double FalseNegatives { get; init; }

    public required EstimatedMetric Accuracy { get; init; }

    public required EstimatedMetric F1 { get; init; }

    public required EstimatedMetric Precision { get; init; }

    public required EstimatedMetric Recall { get; init; }

    public required EstimatedMetric Auc { get; init; }

    /// <summary>The names of the estimated metrics.</summary>
    public static IReadOnlyList<string> Metrics { get; } = ["accuracy", "auc", "f1", "precision", "recall"];

    /// <summary>Returns a metric by name.</summary>
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
                "Use accuracy, auc, f1, precision or recall, or `source: labels`."
            ),
        };
}
