using Serverless.Monitoring.Significance;

namespace Serverless.Monitoring.Comparison;

/// <summary>Whether the challenger is promoted, why, and the numbers behind it.</summary>
/// <param name="Promote">True if nothing speaks against it.</param>
/// <param name="Reasons">Plain sentences with numbers: all that speaks against a promotion, or else what speaks for it.</param>
/// <param name="Metrics">Every metric of the task, those that decide first.</param>
public sealed record Verdict(bool Promote, IReadOnlyList<string> Reasons, IReadOnlyList<MetricComparison> Metrics)
{
    /// <summary>Each rule that was asked for, whether it holds, and the numbers.</summary>
    public IReadOnlyList<VerdictRule> Rules { get; init; } = [];

    /// <summary>The guardrails, those of slices among them.</summary>
    public IReadOnlyList<GuardrailResult> Guardrails { get; init; } = [];
}

/// <summary>A rule of a verdict.</summary>
/// <param name="Kind">defined, floor, better, not worse.</param>
/// <param name="About">The metric, and for a slice its column and value.</param>
/// <param name="Holds">Null if it decides nothing: a slice of too few rows, or one of several metrics any of which may be better.</param>
/// <param name="Text">A sentence with the numbers.</param>
public sealed record VerdictRule(string Kind, string About, bool? Holds, string Text);

/// <summary>One metric of the two models. What was not tested has no test, p-value and interval.</summary>
public sealed record MetricComparison
{
    public required string Metric { get; init; }

    public required bool HigherIsBetter { get; init; }

    /// <summary>NaN if undefined.</summary>
    public required double Challenger { get; init; }

    /// <summary>Null if there is no champion.</summary>
    public double? Champion { get; init; }

    /// <summary>The gain: positive if the challenger is better, whichever way is better for the metric.</summary>
    public double? Effect { get; init; }

    /// <summary>The smallest gain worth a promotion.</summary>
    public double MinimumEffect { get; init; }

    /// <summary>The worst value accepted, if one is required.</summary>
    public double? Floor { get; init; }

    /// <summary>The name of the test; null if the metric does not decide or there is no champion.</summary>
    public string? Test { get; init; }

    /// <summary>
    /// One-sided: how likely so large a gain is if the challenger is no better. Corrected for the number of candidates, and of metrics
    /// where any may be better.
    /// </summary>
    public double? PValue { get; init; }

    /// <summary>Of the effect, two-sided, at the level 1 - alpha.</summary>
    public ConfidenceInterval? Interval { get; init; }
}
