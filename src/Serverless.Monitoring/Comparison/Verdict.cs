using Serverless.Monitoring.Significance;

namespace Serverless.Monitoring.Comparison;

/// <summary>The decision about a promotion, its reasons, and the numbers behind it.</summary>
/// <param name="Promote">True if all rules hold.</param>
/// <param name="Reasons">Sentences with numbers: everything against a promotion, or else everything in favour.</param>
/// <param name="Metrics">Every metric of the task, deciding ones first.</param>
public sealed record Verdict(bool Promote, IReadOnlyList<string> Reasons, IReadOnlyList<MetricComparison> Metrics)
{
    /// <summary>Gets each requested rule, whether it holds, and the numbers.</summary>
    public IReadOnlyList<VerdictRule> Rules { get; init; } = [];

    /// <summary>Gets the guardrails, including those of slices.</summary>
    public IReadOnlyList<GuardrailResult> Guardrails { get; init; } = [];
}

/// <summary>A rule of a verdict.</summary>
/// <param name="Kind">defined, floor, better, not worse.</param>
/// <param name="About">The metric; for a slice also its column and value.</param>
/// <param name="Holds">Null if it decides nothing: a slice with too few rows, or one of several metrics of which any may be
/// better.</param>
/// <param name="Text">A sentence with the numbers.</param>
public sealed record VerdictRule(string Kind, string About, bool? Holds, string Text);

/// <summary>A metric of both models. An untested metric has no test, p-value or interval.</summary>
public sealed record MetricComparison
{
    public required string Metric { get; init; }

    public required bool HigherIsBetter { get; init; }

    /// <summary>Gets the challenger's value; NaN if undefined.</summary>
    public required double Challenger { get; init; }

    /// <summary>Gets the champion's value; null without a champion.</summary>
    public double? Champion { get; init; }

    /// <summary>Gets the gain, which is positive if the challenger is better, whichever direction is better for the metric.</summary>
    public double? Effect { get; init; }

    /// <summary>Gets the smallest gain worth a promotion.</summary>
    public double MinimumEffect { get; init; }

    /// <summary>Gets the worst accepted value, if there is one.</summary>
    public double? Floor { get; init; }

    /// <summary>Gets the name of the test; null if the metric does not decide or there is no champion.</summary>
    public string? Test { get; init; }

    /// <summary>
    /// Gets the one-sided p-value: how likely such a gain is if the challenger is not better. Corrected for the number of candidates, and
    /// for the number of metrics if any of them may be better.
    /// </summary>
    public double? PValue { get; init; }

    /// <summary>Gets the two-sided confidence interval of the effect at level 1 - alpha.</summary>
    public ConfidenceInterval? Interval { get; init; }
}
