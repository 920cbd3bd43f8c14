using Serverless.Monitoring.Drift.Profiles;
using Serverless.Monitoring.Drift.Reports;

namespace Serverless.Monitoring.Drift.Presets;

/// <summary>The rows of one side of a column by what they hold.</summary>
internal sealed record RowCounts(long Rows, long Nulls, long Infinities)
{
    public long Values => Rows - Nulls - Infinities;
}

/// <summary>A column in the reference and in the current data: numbers or categories, or why they cannot be compared.</summary>
internal sealed record ColumnPair(string Name, RowCounts Reference, RowCounts Current)
{
    public NumericComparison? Numeric { get; init; }

    public CategoryComparison? Categories { get; init; }

    /// <summary>Why the values cannot be compared. That alone is drift.</summary>
    public string? Problem { get; init; }
}

/// <summary>What a preset says of a column.</summary>
internal sealed record PresetVerdict(string Method, double Threshold, double Score, bool IsDrift)
{
    /// <summary>The tests behind it.</summary>
    public IReadOnlyList<DriftTest> Tests { get; init; } = [];

    public double? PValue { get; init; }

    /// <summary>Why nothing was tested.</summary>
    public string? Note { get; init; }
}

/// <summary>A set of rules. It sees all columns at once, for what it says of one may depend on how many there are.</summary>
internal interface IDriftPreset
{
    IReadOnlyList<PresetVerdict> Judge(IReadOnlyList<ColumnPair> columns, DriftOptions options);
}
