namespace Serverless.Monitoring.Drift.Presets;

/// <summary>
/// The default rules of Evidently (0.4 to 0.7: <c>_get_default_stattest</c>, with nulls and infinities left out beforehand). By the number
/// of values of the reference and of different values in both: up to 1000, KS for numbers with more than 5, one-sample chi-square for 3 or
/// more and z for less; beyond, normed Wasserstein for numbers with more than 5 and Jensen-Shannon for everything else.
/// </summary>
internal sealed class EvidentlyPreset : IDriftPreset
{
    private const long FewValues = 1000;

    public IReadOnlyList<PresetVerdict> Judge(IReadOnlyList<ColumnPair> columns, DriftOptions options) =>
        [.. columns.Select(column => Judge(column, options))];

    private static PresetVerdict Judge(ColumnPair column, DriftOptions options)
    {
        var method = MethodFor(column, options);
        var threshold = options.Threshold ?? method.Threshold;
        if (column.Problem is not null || column.Reference.Values == 0 || column.Current.Values == 0)
        {
            // Evidently refuses to compare. A column that can no longer be read the same way is worse than a drifted one.
            var isDrift = column.Problem is not null || column.Reference.Values != column.Current.Values;
            return new PresetVerdict(method.Title, threshold, double.NaN, isDrift)
            {
                Note =
                    column.Problem
                    ?? (
                        column.Reference.Values == column.Current.Values
                            ? "Neither side has values."
                            : $"The {(column.Reference.Values == 0 ? "reference" : "current data")} has no values."
                    ),
            };
        }

        var score = column.Numeric is { } numbers ? method.OfNumbers!(numbers) : method.OfCategories!(column.Categories!);
        return new PresetVerdict(method.Title, threshold, score, method.IsDrift(score, threshold));
    }

    private static EvidentlyMethod MethodFor(ColumnPair column, DriftOptions options)
    {
        var isNumeric = column.Numeric is not null;
        var forced = options.Methods?.GetValueOrDefault(column.Name) ?? (isNumeric ? options.NumericMethod : options.CategoricalMethod);
        if (forced is not null)
        {
            return EvidentlyMethod.Get(forced, isNumeric);
        }

        var distinct = column.Numeric?.Distinct ?? column.Categories?.Names.Length ?? 0;
        var isLarge = column.Reference.Values > FewValues;
        if (isNumeric && distinct > 5)
        {
            return isLarge ? EvidentlyMethod.WassersteinNormed : EvidentlyMethod.Ks;
        }

        return isLarge ? EvidentlyMethod.JensenShannon
            : distinct > 2 ? EvidentlyMethod.Chi
            : EvidentlyMethod.Z;
    }
}
