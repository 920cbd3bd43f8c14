using Serverless.Core;

namespace Serverless.Monitoring.Drift.Profiles;

/// <summary>What a <see cref="ReferenceProfile"/> keeps.</summary>
public sealed record ReferenceProfileOptions
{
    /// <summary>
    /// A numeric column of up to so many different values is kept exactly, and so is everything computed from it. Default: 10,000.
    /// </summary>
    public int ExactValues { get; init; } = 10_000;

    /// <summary>A numeric column of more is kept as exact counts between so many of its quantiles. Default: 2,000.</summary>
    public int SketchKnots { get; init; } = 2_000;

    /// <summary>So many categories of a column are kept, the most frequent ones; the rest count as one. Default: 10,000.</summary>
    public int Categories { get; init; } = 10_000;

    /// <summary>A column by whose values the data is also profiled apart, for reports by segment.</summary>
    public string? By { get; init; }

    /// <summary>So many segments are kept, the largest ones. Default: 50.</summary>
    public int Segments { get; init; } = 50;

    /// <summary>Columns to be taken for categories though they hold numbers. Default: none.</summary>
    public IReadOnlyCollection<string> Categorical { get; init; } = [];

    internal void Check()
    {
        if (ExactValues < 0 || SketchKnots < 20 || Categories < 2 || Segments < 1)
        {
            throw ServerlessException.Invalid(
                $"A profile cannot keep {ExactValues} values, {SketchKnots} quantiles, {Categories} categories and {Segments} segments.",
                "It keeps any number of values, at least 20 quantiles, 2 categories and 1 segment."
            );
        }
    }
}
