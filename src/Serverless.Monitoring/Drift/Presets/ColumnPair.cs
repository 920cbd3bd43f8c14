using Serverless.Monitoring.Drift.Profiles;
using Serverless.Monitoring.Drift.Reports;

namespace Serverless.Monitoring.Drift.Presets;

/// <summary>The rows of one side of a column by kind of content.</summary>
internal sealed record RowCounts(long Rows, long Nulls, long Infinities)
{
    public long Values => Rows - Nulls - Infinities;
}

/// <summary>A column in the reference and in the current data: numbers, categories, or the reason why they cannot be compared.</summary>
internal sealed record ColumnPair(string Name, RowCounts Reference, RowCounts Current)
{
    public NumericComparison? Numeric { get; init; }

    public CategoryComparison? Categories { get; init; }

    /// <summary>Gets why the values cannot be compared, which counts as drift.</summary>
    public string? Problem { get; init; }
}

/// <summary>The verdict of a preset on a column.</summary>
internal sealed record PresetVerdict(string Method, double Threshold, double Score, bool IsDrift)
{
    /// <summary>Gets the tests behind the verdict.</summary>
    public IReadOnlyList<DriftTest> Tests { get; init; } = [];

    public double? PValue { get; init; }

    /// <summary>Gets why nothing was tested.</summary>
    public string? Note { get; init; }
}

/// <summary>A set of rules. It sees all columns at once because a verdict may depend on their number.</summary>
internal interface IDriftPreset
{
    IReadOnlyList<PresetVerdict> Judge(IReadOnlyList<ColumnPair> columns, DriftOptions options);
}
