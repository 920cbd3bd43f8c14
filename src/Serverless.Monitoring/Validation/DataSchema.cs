using Serverless.Core.Columns;

namespace Serverless.Monitoring.Validation;

/// <summary>The requirements on data.</summary>
public sealed record DataSchema
{
    public IReadOnlyList<ColumnSchema> Columns { get; init; } = [];

    /// <summary>Gets the minimum number of rows. Default: 1.</summary>
    public long MinRows { get; init; } = 1;

    /// <summary>Gets the maximum number of rows. Default: unlimited.</summary>
    public long? MaxRows { get; init; }

    /// <summary>Gets whether columns that are not in the schema are allowed. Default: true.</summary>
    public bool AllowUnexpectedColumns { get; init; } = true;
}

/// <summary>The requirements on one column. All rules except those about nulls apply to non-null values only.</summary>
public sealed record ColumnSchema
{
    public required string Name { get; init; }

    /// <summary>
    /// Gets the type of the values; null for any. The values count: integers are numbers, 1.0 is an integer, 0 and 1 are booleans, and
    /// everything can be text.
    /// </summary>
    public ColumnType? Type { get; init; }

    /// <summary>Gets whether the column is required. Default: true.</summary>
    public bool Required { get; init; } = true;

    /// <summary>Gets the maximum share of nulls, 0 to 1: 0 allows none. Default: 1.</summary>
    public double MaxNullShare { get; init; } = 1;

    /// <summary>Gets the minimum.</summary>
    public double? Min { get; init; }

    /// <summary>Gets the maximum.</summary>
    public double? Max { get; init; }

    /// <summary>Gets all allowed values as text; null for any. Numeric columns compare them as numbers.</summary>
    public IReadOnlyList<string>? AllowedValues { get; init; }

    /// <summary>Gets a .NET regular expression that every value must match as a whole, as text.</summary>
    public string? Pattern { get; init; }

    /// <summary>Gets whether values must be unique. Default: false.</summary>
    public bool Unique { get; init; }
}
