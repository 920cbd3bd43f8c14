namespace Serverless.Monitoring.Drift.Reports;

/// <summary>What a report says of one column. Values that do not exist, or are not finite, are null.</summary>
public sealed record ColumnDrift
{
    public required string ColumnName { get; init; }

    /// <summary><c>num</c> or <c>cat</c>.</summary>
    public required string ColumnType { get; init; }

    /// <summary>The test or distance that decided.</summary>
    public required string StattestName { get; init; }

    public required double StattestThreshold { get; init; }

    /// <summary>A p-value, corrected for the number of columns by the preset <c>default</c>, or a distance.</summary>
    public double? DriftScore { get; init; }

    public required bool DriftDetected { get; init; }

    /// <summary>Preset <c>default</c>: before the correction for the number of columns.</summary>
    public double? PValue { get; init; }

    /// <summary>Preset <c>default</c>: the single tests.</summary>
    public IReadOnlyList<DriftTest> Tests { get; init; } = [];

    /// <summary>Why the column could not be compared, or was not.</summary>
    public string? Note { get; init; }

    /// <summary>False if the profile of the reference, or the size of the data, left only approximate distances.</summary>
    public bool IsExact { get; init; } = true;

    public required SideSummary Reference { get; init; }

    public required SideSummary Current { get; init; }

    /// <summary>All distances, whichever decided.</summary>
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

    /// <summary>By deciles of the reference; for categories, by category.</summary>
    public double? Psi { get; init; }

    /// <summary>This and the next ones by Evidently's bins.</summary>
    public double? PsiEvidently { get; init; }

    public double? JensenShannon { get; init; }

    public double? Hellinger { get; init; }

    public double? KullbackLeibler { get; init; }
}
