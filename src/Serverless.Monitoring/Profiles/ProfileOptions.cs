namespace Serverless.Monitoring.Profiles;

/// <summary>How fine a profile is.</summary>
public sealed record ProfileOptions
{
    /// <summary>Bins of a histogram. Default: 20.</summary>
    public int HistogramBins { get; init; } = 20;

    /// <summary>How many of the most frequent values are listed. Default: 10.</summary>
    public int TopValues { get; init; } = 10;
}
