namespace Serverless.Monitoring.Drift.Reports;

/// <summary>A test of a column by the preset <c>default</c>.</summary>
/// <param name="Name">What was tested: one of the names below.</param>
/// <param name="Statistic">D, X², z, or the number of rows in new categories.</param>
/// <param name="PValue">How likely so large a difference is if nothing changed; not yet corrected for the number of tests.</param>
/// <param name="Effect">How large the difference is: D, Cramér's V, or a change of a share.</param>
/// <param name="LeastEffect">How large it must be to count.</param>
public sealed record DriftTest(string Name, double? Statistic, double PValue, double Effect, double LeastEffect)
{
    public const string Distribution = "distribution";

    public const string Categories = "categories";

    public const string Nulls = "nulls";

    public const string Infinities = "infinities";

    public const string NewCategories = "new categories";

    /// <summary>True if it is significant after the corrections and large enough.</summary>
    public bool Detected { get; init; }
}
