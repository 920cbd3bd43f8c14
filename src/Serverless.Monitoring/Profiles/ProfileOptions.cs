namespace Serverless.Monitoring.Profiles;

/// <summary>Options for the level of detail of a profile.</summary>
public sealed record ProfileOptions
{
    /// <summary>Gets the number of histogram bins. Default: 20.</summary>
    public int HistogramBins { get; init; } = 20;

    /// <summary>Gets the number of most frequent values to list. Default: 10.</summary>
    public int TopValues { get; init; } = 10;
}
