namespace Serverless.Monitoring.Drift.Reports;

/// <summary>The report on one column. Values that do not exist or are not finite are null.</summary>
public sealed record ColumnDrift
{
    public required string ColumnName { get; init; }

    /// <summary>Gets <c>num</c> or <c>cat</c>.</summary>
    public required string ColumnType { get; init; }

    /// <summary>Gets the test or distance that decided.</summary>
    public required string StattestName { get; init; }

    public required double StattestThreshold { get; init; }

    /// <summary>Gets a distance, or a p-value, which the preset <c>default</c> corrects for the number of columns.</summary>
    public double? DriftScore { get; init; }

    public required bool DriftDetected { get; init; }

    /// <summary>Gets the p-value before the correction for the number of columns. Preset <c>default</c>.</summary>
    public double? PValue { get; init; }

    /// <summary>Gets the individual tests. Preset <c>default</c>.</summary>
    public IReadOnlyList<DriftTest> Tests { get; init; } = [];

    /// <summary>Gets why the column was not, or could not be, compared.</summary>
    public string? Note { get; init; }

    /// <summary>
    /// Gets a value that is false if the profile of the reference, or the size of the data, permits only approximate distances.
    /// </summary>
    public bool IsExact { get; init; } = true;

    public required SideSummary Reference { get; init; }

    public required SideSummary Current { get; init; }

    /// <summary>Gets all distances, whichever one decided.</summary>
    public DriftDistances? Distances { get; init; }

    public Distribution? Distribution { get; init; }
}

/// <summary>One side of a column in numbers.</summary>
public sealed record SideSummary(long Count, long Nulls, long Infinities)
{
    public double? Mean { get; init; }

    public double? StandardDeviation { get; init; }

    public double? Min { get; init; }

    public double? Max { get; init; }

    public long? Distinct { get; init; }
}

/// <summary>Distances between the two sides of a column.</summary>
public sealed record DriftDistances
{
    public double? KsStatistic { get; init; }

    public double? KsPValue { get; init; }

    public double? WassersteinNormed { get; init; }

    /// <summary>The two-sample chi-square test of categories.</summary>
    public double? ChiSquare { get; init; }

    public double? ChiSquarePValue { get; init; }

    public double? CramersV { get; init; }

    /// <summary>Gets the PSI by deciles of the reference, or by category.</summary>
    public double? Psi { get; init; }

    /// <summary>Gets the PSI by Evidently's bins, like the following distances.</summary>
    public double? PsiEvidently { get; init; }

    public double? JensenShannon { get; init; }

    public double? Hellinger { get; init; }

    public double? KullbackLeibler { get; init; }
}
