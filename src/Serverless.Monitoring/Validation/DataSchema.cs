using Serverless.Core.Columns;

namespace Serverless.Monitoring.Validation;

/// <summary>What data must look like.</summary>
public sealed record DataSchema
{
    public IReadOnlyList<ColumnSchema> Columns { get; init; } = [];

    /// <summary>The fewest rows. Default: 1.</summary>
    public long MinRows { get; init; } = 1;

    /// <summary>The most rows. Default: any number.</summary>
    public long? MaxRows { get; init; }

    /// <summary>Whether there may be columns that the schema does not name. Default: true.</summary>
    public bool AllowUnexpectedColumns { get; init; } = true;
}

/// <summary>What one column must look like. Rules other than those about nulls look at the values that are not null.</summary>
public sealed record ColumnSchema
{
    public required string Name { get; init; }

    /// <summary>
    /// The type of the values; null for any. It is the values that count: whole numbers are numbers, 1.0 is a whole number, 0 and 1 are
    /// booleans,
    /// and everything can be text.
    /// </summary>
    public ColumnType? Type { get; init; }

    /// <summary>Whether the column must be there. Default: true.</summary>
    public bool Required { get; init; } = true;

    /// <summary>The largest share of nulls, 0 to 1: 0 allows none. Default: 1.</summary>
    public double MaxNullShare { get; init; } = 1;

    /// <summary>The smallest number allowed.</summary>
    public double? Min { get; init; }

    /// <summary>The largest number allowed.</summary>
    public double? Max { get; init; }

    /// <summary>All values allowed, as text; null for any. In numeric columns they are compared as numbers.</summary>
    public IReadOnlyList<string>? AllowedValues { get; init; }

    /// <summary>A .NET regular expression that every whole value must match, as text.</summary>
    public string? Pattern { get; init; }

    /// <summary>Whether no value may come twice. Default: false.</summary>
    public bool Unique { get; init; }
}
