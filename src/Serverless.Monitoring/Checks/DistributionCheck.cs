using System.Globalization;
using Serverless.Monitoring.Drift.Reports;

namespace Serverless.Monitoring.Checks;

/// <summary>Turns a drift report into checks: one for each column, and one for the whole dataset.</summary>
public static class DistributionCheck
{
    public static CheckReport Of(DriftReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        return new CheckReport(
            "distribution",
            [
                new Check(
                    "dataset",
                    !report.DatasetDrift,
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"{report.NumberOfDriftedColumns} of {report.NumberOfColumns} columns have drifted "
                            + $"({report.ShareOfDriftedColumns:P0}; the dataset drifts from {report.DriftShare:P0}), "
                            + $"{report.Current.Rows} rows against {report.Reference.Rows}."
                    ),
                    "Find out what changed at the source. If the new data is correct, train on it."
                ),
                .. report.DriftByColumns.Select(c => new Check(c.Key, Passed(report, c.Value), Found(c.Value))),
                .. report.SkippedColumns.Select(c => new Check(c.Name, null, c.Reason)),
            ]
        );
    }

    /// <summary>A single drifted column is shown. It fails only together with the dataset.</summary>
    private static bool? Passed(DriftReport report, ColumnDrift column) =>
        !column.DriftDetected ? true
        : report.DatasetDrift ? false
        : null;

    private static string Found(ColumnDrift column)
    {
        if (column.Note is { } note)
        {
            return note;
        }

        var score = column.DriftScore is { } value ? value.ToString("0.####", CultureInfo.InvariantCulture) : "none";
        var largest = column.Tests.Count == 0 ? null : column.Tests.MaxBy(t => t.Detected ? 1 + t.Effect : t.Effect);
        var effect = largest is null
            ? ""
            : string.Create(
                CultureInfo.InvariantCulture,
                $", effect of {largest.Name} {largest.Effect:0.000} (minimum: {largest.LeastEffect})"
            );
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{column.StattestName}: {score}, threshold {column.StattestThreshold}{effect}."
        );
    }
}
