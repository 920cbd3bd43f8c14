using Serverless.Core.Columns;

namespace Serverless.Monitoring.Comparison;

/// <summary>By which of the key metrics a challenger has to be better.</summary>
public enum MetricRequirement
{
    All,
    Any,
}

/// <summary>The one-sided confidence bound of the gain in the metric must lie above -<paramref name="Margin"/>.</summary>
public sealed record MetricGuardrail(string Metric, double Margin);

/// <summary>
/// The same, for every value of every column. All slices have to hold, so the chance that a challenger is promoted which is truly worse by
/// the margin in one of them is at most alpha without a correction for their number (an intersection-union test; Berger, 1982). The price
/// is power: a slice too small to tell refuses an equally good challenger, so the margin must be as wide as its rows can tell.
/// </summary>
/// <param name="Columns">Columns of the test rows.</param>
/// <param name="Metric">Null for the first key metric.</param>
/// <param name="Margin">How much worse is still as good.</param>
/// <param name="MinimumRows">Slices of fewer rows are told, and judge nothing.</param>
public sealed record SliceGuardrail(IReadOnlyList<Column> Columns, string? Metric, double Margin, int MinimumRows = 100);

/// <summary>How a guardrail went.</summary>
public sealed record GuardrailResult
{
    public required string Metric { get; init; }

    /// <summary>The column of a slice; null for all rows.</summary>
    public string? Column { get; init; }

    /// <summary>The value of a slice; null for the rows where it is null.</summary>
    public string? Value { get; init; }

    public required int Rows { get; init; }

    public double Champion { get; init; } = double.NaN;

    public double Challenger { get; init; } = double.NaN;

    /// <summary>The gain: positive if the challenger is better, whichever way is better for the metric.</summary>
    public double Effect { get; init; } = double.NaN;

    /// <summary>The one-sided confidence bound of the gain at the level 1 - alpha.</summary>
    public double Bound { get; init; } = double.NaN;

    public required double Margin { get; init; }

    /// <summary>Null if it could not be judged.</summary>
    public bool? Holds { get; init; }

    /// <summary>Why it could not be judged.</summary>
    public string? Note { get; init; }

    public string About => Column is null ? Metric : $"{Metric} where {Column} = {Value ?? "(missing)"}";
}
