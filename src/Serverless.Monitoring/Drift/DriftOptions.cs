using Serverless.Core;
using Serverless.Monitoring.Drift.Presets;

namespace Serverless.Monitoring.Drift;

/// <summary>Options for comparing data with its reference.</summary>
public sealed record DriftOptions
{
    /// <summary>Gets the preset: <c>default</c> or <c>evidently</c>.</summary>
    public string Preset { get; init; } = DriftPresets.Default;

    /// <summary>Gets the share of drifted columns from which the dataset has drifted. Default: 0.5.</summary>
    public double DriftShare { get; init; } = 0.5;

    /// <summary>
    /// Gets the weights of columns in that share by name, such as feature importances; columns without an entry have weight zero. Default:
    /// equal weights.
    /// </summary>
    public IReadOnlyDictionary<string, double>? Weights { get; init; }

    /// <summary>Gets the columns to compare. Default: all columns of the reference.</summary>
    public IReadOnlyCollection<string>? Columns { get; init; }

    /// <summary>Gets the columns to skip, such as an id or a time. Default: none.</summary>
    public IReadOnlyCollection<string> Exclude { get; init; } = [];

    /// <summary>Gets the numeric columns to treat as categories. Texts and booleans always are. Default: none.</summary>
    public IReadOnlyCollection<string> Categorical { get; init; } = [];

    /// <summary>
    /// Gets a column whose values define segments that are also compared. A profile of the reference must have been created with it.
    /// </summary>
    public string? By { get; init; }

    /// <summary>Gets the expected share of false alarms among alarms. Preset <c>default</c>. Default: 0.05.</summary>
    public double Alpha { get; init; } = 0.05;

    /// <summary>
    /// Gets the smallest effect that counts, however certain it is: the Kolmogorov-Smirnov distance of a numeric column, Cramér's V of
    /// categories. Preset <c>default</c>. Default: 0.03.
    /// </summary>
    public double LeastEffect { get; init; } = 0.03;

    /// <summary>
    /// Gets the smallest change in the share of nulls, or of infinities, that counts. Preset <c>default</c>. Default: 0.02.
    /// </summary>
    public double LeastNullChange { get; init; } = 0.02;

    /// <summary>Gets the smallest share of rows in new categories that counts. Preset <c>default</c>. Default: 0.005.</summary>
    public double LeastNewShare { get; init; } = 0.005;

    /// <summary>
    /// Gets the method for numeric columns, which overrides the default rules: <c>ks</c>, <c>psi</c>, <c>wasserstein</c>,
    /// <c>jensenshannon</c>, <c>hellinger</c> or <c>kl_div</c>. Preset <c>evidently</c>.
    /// </summary>
    public string? NumericMethod { get; init; }

    /// <summary>
    /// Gets the method for categories: <c>chisquare</c>, <c>z</c>, <c>psi</c>, <c>jensenshannon</c>, <c>hellinger</c> or <c>kl_div</c>.
    /// Preset <c>evidently</c>.
    /// </summary>
    public string? CategoricalMethod { get; init; }

    /// <summary>Gets methods by column, which override the two above. Preset <c>evidently</c>.</summary>
    public IReadOnlyDictionary<string, string>? Methods { get; init; }

    /// <summary>Gets the threshold of the columns, which overrides 0.05 for tests and 0.1 for distances. Preset <c>evidently</c>.</summary>
    public double? Threshold { get; init; }

    /// <summary>
    /// Gets the number of values of a numeric column of the current data that are kept as they are. Beyond it, only counts over the
    /// profile are kept. Default: 250,000.
    /// </summary>
    public int BufferedValues { get; init; } = 250_000;

    /// <summary>Gets the names of the two datasets in the report.</summary>
    public string ReferenceName { get; init; } = "reference";

    public string CurrentName { get; init; } = "current";

    internal void Check()
    {
        DriftPresets.Check(Preset);
        CheckShare(DriftShare, "The drift share");
        CheckShare(Alpha, "Alpha");
        EvidentlyMethod.CheckNames(this);
        if (Weights is not null && (Weights.Values.Any(weight => !(weight >= 0)) || !(Weights.Values.Sum() > 0)))
        {
            throw ServerlessException.Invalid("Column weights must not be negative, and at least one must be positive.");
        }

        static void CheckShare(double value, string name)
        {
            if (!(value > 0 && value <= 1))
            {
                throw ServerlessException.Invalid($"{name} must be above 0 and at most 1, but is {value}.");
            }
        }
    }
}
