using Serverless.Core.Columns;

namespace Serverless.Monitoring.Comparison;

/// <summary>Whether a challenger must be better in all of the key metrics or in any.</summary>
public enum MetricRequirement
{
    All,
    Any,
}

/// <summary>Requires that the one-sided confidence bound of the gain in the metric is above -<paramref name="Margin"/>.</summary>
public sealed record MetricGuardrail(string Metric, double Margin);

/// <summary>
/// The same, for every value of every column. All slices have to hold, so the chance that a challenger is promoted which is truly worse by
/// the margin in one of them is at most alpha without a correction for their number (an intersection-union test; Berger, 1982). The price
/// is power: a slice too small to tell refuses an equally good challenger, so the margin must be as wide as its rows can tell.
/// </summary>
/// <param name="Columns">The columns of the test rows that define the slices.</param>
/// <param name="Metric">The metric; null for the first key metric.</param>
/// <param name="Margin">The loss that still counts as equally good.</param>
/// <param name="MinimumRows">The number of rows below which slices are reported but not judged.</param>
public sealed record SliceGuardrail(IReadOnlyList<Column> Columns, string? Metric, double Margin, int MinimumRows = 100);

/// <summary>The result of a guardrail.</summary>
public sealed record GuardrailResult
{
    public required string Metric { get; init; }

    /// <summary>Gets the column of a slice; null for all rows.</summary>
    public string? Column { get; init; }

    /// <summary>Gets the value of a slice; null for the rows where it is null.</summary>
    public string? Value { get; init; }

    public required int Rows { get; init; }

    public double Champion { get; init; } = double.NaN;

    public double Challenger { get; init; } = double.NaN;

    /// <summary>Gets the gain, which is positive if the challenger is better, whichever direction is better for the metric.</summary>
    public double Effect { get; init; } = double.NaN;

    /// <summary>Gets the one-sided confidence bound of the gain at level 1 - alpha.</summary>
    public double Bound { get; init; } = double.NaN;

    public required double Margin { get; init; }

    /// <summary>Gets whether the guardrail holds; null if it could not be judged.</summary>
    public bool? Holds { get; init; }

    /// <summary>Gets why it could not be judged.</summary>
    public string? Note { get; init; }

    public string About => Column is null ? Metric : $"{Metric} where {Column} = {Value ?? "(missing)"}";
}
