using System.Text.Json;

namespace Serverless.Monitoring.Drift.Reports;

/// <summary>One of the two datasets of a report.</summary>
public sealed record DriftData(string Name, long Rows);

/// <summary>The same comparison for the rows with one value in a column.</summary>
public sealed record DriftSegment(string Column, string Value, DriftReport? Report, string? Note = null);

/// <summary>Why a column was not compared.</summary>
public sealed record SkippedColumn(string Name, string Reason);

/// <summary>The result of comparing data with its reference. Its JSON uses Evidently's names where they exist.</summary>
public sealed record DriftReport
{
    public required string Preset { get; init; }

    public required DriftData Reference { get; init; }

    public required DriftData Current { get; init; }

    public required double DriftShare { get; init; }

    /// <summary>Gets the number of compared columns.</summary>
    public required int NumberOfColumns { get; init; }

    public required int NumberOfDriftedColumns { get; init; }

    public required double ShareOfDriftedColumns { get; init; }

    /// <summary>Gets the weighted share; null without weights.</summary>
    public double? WeightedShareOfDriftedColumns { get; init; }

    /// <summary>Gets a value that indicates whether the share, weighted if there are weights, reaches <see cref="DriftShare"/>.</summary>
    public required bool DatasetDrift { get; init; }

    /// <summary>Gets the columns by name, in the order of the reference.</summary>
    public required IReadOnlyDictionary<string, ColumnDrift> DriftByColumns { get; init; }

    public IReadOnlyList<SkippedColumn> SkippedColumns { get; init; } = [];

    /// <summary>Gets the columns of the current data that are missing in the reference.</summary>
    public IReadOnlyList<string> NewColumns { get; init; } = [];

    public IReadOnlyList<DriftSegment> Segments { get; init; } = [];

    public string ToJson() => JsonSerializer.Serialize(this, DriftReportJson.Options);

    public static DriftReport FromJson(string json) => DriftReportJson.Read(json);

    /// <summary>Returns the report as a self-contained HTML page.</summary>
    public string ToHtml() => DriftPage.Write(this);
}
