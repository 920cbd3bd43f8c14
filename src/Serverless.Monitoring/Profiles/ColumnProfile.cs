using Serverless.Core.Columns;

namespace Serverless.Monitoring.Profiles;

/// <summary>A value of a column as text, with its number of rows.</summary>
public sealed record ValueCount(string Value, long Count);

/// <summary>A quantile of the finite values of a column (type 7 of Hyndman and Fan, as NumPy's default).</summary>
public sealed record QuantileValue(double Probability, double Value);

/// <summary>
/// What a column holds. Moments, quantiles and the histogram are those of its finite values: nulls and infinities are
/// counted and left out. They are null, or empty, where there is nothing to compute them from, as in a text column.
/// </summary>
public sealed record ColumnProfile
{
    public required string Name { get; init; }

    public required ColumnType Type { get; init; }

    /// <summary>Gets the number of rows, including nulls.</summary>
    public required long Count { get; init; }

    public required long NullCount { get; init; }

    /// <summary>Gets the share of nulls, 0 to 1; 0 without rows.</summary>
    public double NullShare => Count == 0 ? 0 : (double)NullCount / Count;

    /// <summary>Gets the number of distinct values, without null.</summary>
    public required long DistinctCount { get; init; }

    public long PositiveInfinityCount { get; init; }

    public long NegativeInfinityCount { get; init; }

    public double? Mean { get; init; }

    /// <summary>Gets the standard deviation of a sample (divided by n - 1); null for fewer than two values.</summary>
    public double? StandardDeviation { get; init; }

    public double? Min { get; init; }

    public double? Max { get; init; }

    /// <summary>Gets the quantiles at 1, 5, 25, 50, 75, 95 and 99 percent.</summary>
    public IReadOnlyList<QuantileValue> Quantiles { get; init; } = [];

    public Histogram Histogram { get; init; } = Histogram.Empty;

    /// <summary>Gets the most frequent values, ordered by frequency, then by value.</summary>
    public IReadOnlyList<ValueCount> TopValues { get; init; } = [];

    public static ColumnProfile Of(Column column, ProfileOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(column);
        options ??= new ProfileOptions();
        return column.IsNumeric ? NumericProfiler.Profile(column, options) : TextProfiler.Profile(column, options);
    }
}
