using Serverless.Core;
using Serverless.Monitoring.Drift.Presets;

namespace Serverless.Monitoring.Drift;

/// <summary>How data is compared with its reference.</summary>
public sealed record DriftOptions
{
    /// <summary>The rules: <c>default</c> or <c>evidently</c>.</summary>
    public string Preset { get; init; } = DriftPresets.Default;

    /// <summary>The dataset has drifted if at least this share of its columns has. Default: a half.</summary>
    public double DriftShare { get; init; } = 0.5;

    /// <summary>
    /// What columns weigh in that share, by name, such as the importance of features; a column that is not named weighs nothing. Default:
    /// all weigh the same.
    /// </summary>
    public IReadOnlyDictionary<string, double>? Weights { get; init; }

    /// <summary>The columns to compare. Default: all of the reference.</summary>
    public IReadOnlyCollection<string>? Columns { get; init; }

    /// <summary>Columns not to compare, such as an id or a time. Default: none.</summary>
    public IReadOnlyCollection<string> Exclude { get; init; } = [];

    /// <summary>Columns to be taken for categories though they hold numbers. Texts and booleans always are. Default: none.</summary>
    public IReadOnlyCollection<string> Categorical { get; init; } = [];

    /// <summary>
    /// A column by whose values the data is also compared in segments. A profile of the reference must have been made with it.
    /// </summary>
    public string? By { get; init; }

    /// <summary>Preset <c>default</c>: the expected share of false alarms among alarms. Default: 0.05.</summary>
    public double Alpha { get; init; } = 0.05;

    /// <summary>
    /// Preset <c>default</c>: the least effect that counts, however certain it is: as Kolmogorov-Smirnov distance of a numeric
    /// column, and as Cramér's V of categories. Default: 0.03.
    /// </summary>
    public double LeastEffect { get; init; } = 0.03;

    /// <summary>Preset <c>default</c>: the least change of the share of nulls, or of infinities, that counts. Default: 0.02.</summary>
    public double LeastNullChange { get; init; } = 0.02;

    /// <summary>Preset <c>default</c>: the least share of rows in new categories that counts. Default: 0.005.</summary>
    public double LeastNewShare { get; init; } = 0.005;

    /// <summary>
    /// Preset <c>evidently</c>: the method for columns of numbers, instead of the one by its default rules: <c>ks</c>, <c>psi</c>,
    /// <c>wasserstein</c>, <c>jensenshannon</c>, <c>hellinger</c> or <c>kl_div</c>.
    /// </summary>
    public string? NumericMethod { get; init; }

    /// <summary>
    /// Preset <c>evidently</c>: the method for categories: <c>chisquare</c>, <c>z</c>, <c>psi</c>, <c>jensenshannon</c>, <c>hellinger</c>
    /// or <c>kl_div</c>.
    /// </summary>
    public string? CategoricalMethod { get; init; }

    /// <summary>Preset <c>evidently</c>: methods by column, before the two above.</summary>
    public IReadOnlyDictionary<string, string>? Methods { get; init; }

    /// <summary>Preset <c>evidently</c>: the threshold of the columns, instead of 0.05 for tests and 0.1 for distances.</summary>
    public double? Threshold { get; init; }

    /// <summary>
    /// So many values of a numeric column of the current data are kept as they are; of more, only counts over the profile. Default:
    /// 250,000.
    /// </summary>
    public int BufferedValues { get; init; } = 250_000;

    /// <summary>What the report calls the two data sets.</summary>
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
            throw ServerlessException.Invalid("Weights of columns must not be negative, nor all be zero.");
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
