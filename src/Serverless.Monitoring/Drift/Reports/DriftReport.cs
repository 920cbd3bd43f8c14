using System.Text.Json;

namespace Serverless.Monitoring.Drift.Reports;

/// <summary>One of the two data sets of a report.</summary>
public sealed record DriftData(string Name, long Rows);

/// <summary>The same comparison for the rows that have one value in a column.</summary>
public sealed record DriftSegment(string Column, string Value, DriftReport? Report, string? Note = null);

/// <summary>Why a column was not compared.</summary>
public sealed record SkippedColumn(string Name, string Reason);

/// <summary>What a comparison of data with its reference found. The names of its JSON are Evidently's where Evidently has one.</summary>
public sealed record DriftReport
{
    public required string Preset { get; init; }

    public required DriftData Reference { get; init; }

    public required DriftData Current { get; init; }

    public required double DriftShare { get; init; }

    /// <summary>How many columns were compared.</summary>
    public required int NumberOfColumns { get; init; }

    public required int NumberOfDriftedColumns { get; init; }

    public required double ShareOfDriftedColumns { get; init; }

    /// <summary>The same share with the columns' weights; null if they have none.</summary>
    public double? WeightedShareOfDriftedColumns { get; init; }

    /// <summary>True if the share, weighted where there are weights, reaches <see cref="DriftShare"/>.</summary>
    public required bool DatasetDrift { get; init; }

    /// <summary>The columns by name, in the order of the reference.</summary>
    public required IReadOnlyDictionary<string, ColumnDrift> DriftByColumns { get; init; }

    public IReadOnlyList<SkippedColumn> SkippedColumns { get; init; } = [];

    /// <summary>Columns of the current data that the reference lacks.</summary>
    public IReadOnlyList<string> NewColumns { get; init; } = [];

    public IReadOnlyList<DriftSegment> Segments { get; init; } = [];

    public string ToJson() => JsonSerializer.Serialize(this, DriftReportJson.Options);

    public static DriftReport FromJson(string json) => DriftReportJson.Read(json);

    /// <summary>The report as a page that needs nothing but itself.</summary>
    public string ToHtml() => DriftPage.Write(this);
}
