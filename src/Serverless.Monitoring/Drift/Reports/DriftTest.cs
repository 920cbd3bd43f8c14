namespace Serverless.Monitoring.Drift.Reports;

/// <summary>A test of a column by the preset <c>default</c>.</summary>
/// <param name="Name">The subject of the test: one of the names below.</param>
/// <param name="Statistic">D, X², z, or the number of rows in new categories.</param>
/// <param name="PValue">The probability of such a difference if nothing changed, before the correction for the number of tests.</param>
/// <param name="Effect">The size of the difference: D, Cramér's V, or a change of a share.</param>
/// <param name="LeastEffect">The minimum size that counts.</param>
public sealed record DriftTest(string Name, double? Statistic, double PValue, double Effect, double LeastEffect)
{
    public const string Distribution = "distribution";

    public const string Categories = "categories";

    public const string Nulls = "nulls";

    public const string Infinities = "infinities";

    public const string NewCategories = "new categories";

    /// <summary>Gets a value that indicates whether the test is significant after the corrections and the effect is large enough.</summary>
    public bool Detected { get; init; }
}
