using Serverless.Core;

namespace Serverless.Monitoring.Drift.Profiles;

/// <summary>Options of a <see cref="ReferenceProfile"/>.</summary>
public sealed record ReferenceProfileOptions
{
    /// <summary>
    /// Gets the number of distinct values up to which a numeric column is kept exactly, together with everything computed from it.
    /// Default: 10,000.
    /// </summary>
    public int ExactValues { get; init; } = 10_000;

    /// <summary>
    /// Gets the number of quantiles for numeric columns with more values; the counts between them are exact. Default: 2,000.
    /// </summary>
    public int SketchKnots { get; init; } = 2_000;

    /// <summary>Gets the number of categories to keep for a column, most frequent first. The rest counts as one. Default: 10,000.</summary>
    public int Categories { get; init; } = 10_000;

    /// <summary>Gets a column whose values are also profiled separately, for reports by segment.</summary>
    public string? By { get; init; }

    /// <summary>Gets the number of segments to keep, largest first. Default: 50.</summary>
    public int Segments { get; init; } = 50;

    /// <summary>Gets the numeric columns to treat as categories. Default: none.</summary>
    public IReadOnlyCollection<string> Categorical { get; init; } = [];

    internal void Check()
    {
        if (ExactValues < 0 || SketchKnots < 20 || Categories < 2 || Segments < 1)
        {
            throw ServerlessException.Invalid(
                $"Invalid profile size: {ExactValues} values, {SketchKnots} quantiles, {Categories} categories and {Segments} segments.",
                "Use 0 or more values, at least 20 quantiles, 2 categories and 1 segment."
            );
        }
    }
}
