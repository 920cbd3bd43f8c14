using Serverless.Monitoring.Drift.Presets;
using Serverless.Monitoring.Drift.Profiles;
using Serverless.Monitoring.Drift.Statistics;

namespace Serverless.Monitoring.Drift.Reports;

/// <summary>Creates the report on a column from its content and the preset's verdict.</summary>
internal static class ColumnDrifts
{
    public static ColumnDrift Of(ColumnPair pair, PresetVerdict verdict) =>
        new()
        {
            ColumnName = pair.Name,
            ColumnType = pair.Numeric is not null ? "num" : "cat",
            StattestName = verdict.Method,
            StattestThreshold = verdict.Threshold,
            DriftScore = Finite(verdict.Score),
            DriftDetected = verdict.IsDrift,
            PValue = verdict.PValue is { } p ? Finite(p) : null,
            Tests = [.. verdict.Tests.Select(test => test with { Statistic = test.Statistic is { } statistic ? Finite(statistic) : null })],
            Note = verdict.Note,
            IsExact = (pair.Numeric?.IsExact ?? true) && (pair.Categories?.IsExact ?? true),
            Reference = Side(pair, pair.Reference, isReference: true),
            Current = Side(pair, pair.Current, isReference: false),
            Distances =
                pair.Numeric is { } numbers ? Distances(numbers)
                : pair.Categories is { } categories ? Distances(categories)
                : null,
            Distribution =
                pair.Numeric is { } shown ? Distribution.Of(shown)
                : pair.Categories is { } labels ? Distribution.Of(labels)
                : null,
        };

    private static SideSummary Side(ColumnPair pair, RowCounts rows, bool isReference)
    {
        var summary = new SideSummary(rows.Rows, rows.Nulls, rows.Infinities);
        if (pair.Categories is { } categories)
        {
            return summary with { Distinct = isReference ? categories.ReferenceDistinct : categories.CurrentDistinct };
        }

        if (pair.Numeric is not { } numbers)
        {
            return summary;
        }

        var moments = isReference ? numbers.ReferenceMoments : numbers.CurrentMoments;
        return summary with
        {
            Mean = moments.Count == 0 ? null : Finite(moments.Mean),
            StandardDeviation = Finite(moments.SampleDeviation),
            Min = Finite(isReference ? numbers.ReferenceMin : numbers.CurrentMin),
            Max = Finite(isReference ? numbers.ReferenceMax : numbers.CurrentMax),
            Distinct = isReference ? numbers.ReferenceDistinct : null,
        };
    }

    private static DriftDistances? Distances(NumericComparison numbers)
    {
        if (numbers.ReferenceCount == 0 || numbers.CurrentCount == 0)
        {
            return null;
        }

        var (deciles, bins) = (numbers.DecileShares(), numbers.EvidentlyShares());
        var (d, _) = numbers.KsDistance();
        return new DriftDistances
        {
            KsStatistic = Finite(d),
            KsPValue = Finite(numbers.KsPValue(d)),
            WassersteinNormed = Finite(numbers.NormedWasserstein()),
            Psi = Finite(Divergence.Psi(deciles.Reference, deciles.Current)),
            PsiEvidently = Finite(Divergence.Psi(bins.Reference, bins.Current)),
            JensenShannon = Finite(Divergence.JensenShannon(bins.Reference, bins.Current)),
            Hellinger = Finite(Divergence.Hellinger(bins.Reference, bins.Current)),
            KullbackLeibler = Finite(Divergence.KullbackLeibler(bins.Reference, bins.Current)),
        };
    }

    private static DriftDistances? Distances(CategoryComparison categories)
    {
        if (categories.ReferenceCount == 0 || categories.CurrentCount == 0)
        {
            return null;
        }

        var (reference, current) = categories.Shares();
        var test = ChiSquare.TwoSample(categories.Reference, categories.Current);
        var psi = Finite(Divergence.Psi(reference, current));
        return new DriftDistances
        {
            ChiSquare = Finite(test.Statistic),
            ChiSquarePValue = Finite(test.PValue),
            CramersV = Finite(CramersV.Corrected(test, categories.ReferenceCount, categories.CurrentCount)),
            Psi = psi,
            PsiEvidently = psi,
            JensenShannon = Finite(Divergence.JensenShannon(reference, current)),
            Hellinger = Finite(Divergence.Hellinger(reference, current)),
            KullbackLeibler = Finite(Divergence.KullbackLeibler(reference, current)),
        };
    }

    private static double? Finite(double value) => double.IsFinite(value) ? value : null;
}
