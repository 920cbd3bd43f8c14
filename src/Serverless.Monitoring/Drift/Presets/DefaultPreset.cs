using Serverless.Monitoring.Drift.Profiles;
using Serverless.Monitoring.Drift.Reports;
using Serverless.Monitoring.Drift.Statistics;

namespace Serverless.Monitoring.Drift.Presets;

/// <summary>
/// Our rules. A column drifts if a test of it is significant at a false discovery rate of alpha over all columns (Benjamini and Hochberg)
/// and its effect reaches a floor: the first alone would find something in any large data, the second alone in any small.
/// <para>
/// Numbers: <see cref="JointTest"/> of three tests of the whole distribution; the floor is one of the Kolmogorov-Smirnov distance.
/// Categories: the two-sample chi-square test; the floor is one of Cramér's V, corrected for bias. Both: the shares of nulls, and of
/// infinities. Categories: rows in new ones.
/// </para>
/// </summary>
internal sealed class DefaultPreset : IDriftPreset
{
    // Alpha is spent mostly on the distribution: relevant increases of nulls and new categories are obvious.
    private const double DistributionWeight = 0.87;
    private const double OtherWeight = 0.05;

    // Beyond this size the effect decides, and the three tests would need sorted columns.
    private const long MostForRanks = 100_000;

    public IReadOnlyList<PresetVerdict> Judge(IReadOnlyList<ColumnPair> columns, DriftOptions options)
    {
        var found = columns.Select(column => Tests(column, options)).ToList();
        var pValues = found.Select(tests => tests.Count == 0 ? double.NaN : tests.Min(test => test.PValue / Weight(test))).ToList();
        var adjusted = BenjaminiHochberg.Adjust([.. pValues.Select(p => Math.Min(1, p))]);
        return [.. columns.Select((column, i) => Judge(column, found[i], adjusted[i], Inflation(pValues[i], adjusted[i]), options))];
    }

    // The factor by which the correction increased the column's p-value. It applies to each of its tests.
    private static double Inflation(double p, double adjusted) => p > 0 ? Math.Max(1, adjusted / p) : 1;

    private static PresetVerdict Judge(
        ColumnPair column,
        IReadOnlyList<DriftTest> tests,
        double adjusted,
        double inflation,
        DriftOptions options
    )
    {
        var judged = tests
            .Select(test =>
                test with
                {
                    Detected = test.PValue / Weight(test) * inflation <= options.Alpha && test.Effect >= test.LeastEffect,
                }
            )
            .ToList();
        return new PresetVerdict(
            "adjusted p_value",
            options.Alpha,
            adjusted,
            column.Problem is not null || judged.Exists(test => test.Detected)
        )
        {
            Tests = judged,
            PValue = tests.Count == 0 ? null : tests.Min(test => Math.Min(1, test.PValue / Weight(test))),
            Note = column.Problem ?? (tests.Count == 0 ? "Not tested: one side has no rows." : null),
        };
    }

    private static List<DriftTest> Tests(ColumnPair column, DriftOptions options)
    {
        var tests = new List<DriftTest>();
        if (column.Problem is not null || column.Reference.Rows == 0 || column.Current.Rows == 0)
        {
            return tests;
        }

        if (column.Reference.Values > 0 && column.Current.Values > 0)
        {
            tests.Add(column.Numeric is { } numbers ? OfNumbers(numbers, options) : OfCategories(column.Categories!, options));
        }

        AddShare(DriftTest.Nulls, column.Reference.Nulls, column.Current.Nulls);
        AddShare(DriftTest.Infinities, column.Reference.Infinities, column.Current.Infinities);
        if (column.Categories is { IsExact: true, ReferenceCount: > 0, CurrentCount: > 0 } categories)
        {
            var test = NewCategoryTest.Of(categories.Reference, categories.Current);
            tests.Add(
                new DriftTest(
                    DriftTest.NewCategories,
                    test.NewRows,
                    test.PValue,
                    (double)test.NewRows / column.Current.Rows,
                    options.LeastNewShare
                )
            );
        }

        return tests;

        void AddShare(string name, long reference, long current)
        {
            if (reference + current > 0)
            {
                var test = ProportionTest.Safe(reference, column.Reference.Rows, current, column.Current.Rows);
                var change = Math.Abs(((double)reference / column.Reference.Rows) - ((double)current / column.Current.Rows));
                tests.Add(new DriftTest(name, Finite(test.Statistic), test.PValue, change, options.LeastNullChange));
            }
        }
    }

    private static DriftTest OfNumbers(NumericComparison numbers, DriftOptions options)
    {
        var (m, n) = (numbers.ReferenceCount, numbers.CurrentCount);
        var (d, _) = numbers.KsDistance();
        var ks = numbers.KsPValue(d);
        var p = ks;
        if (Math.Max(m, n) <= MostForRanks)
        {
            var (reference, current) = numbers.Blocks();
            p = JointTest.PValue(
                ks,
                RankTests.AndersonDarling(reference, current).PValue,
                RankTests.CentreScore(reference, current).PValue
            );
        }

        return new DriftTest(DriftTest.Distribution, d, p, d, options.LeastEffect);
    }

    private static DriftTest OfCategories(CategoryComparison categories, DriftOptions options)
    {
        var test = ChiSquare.TwoSampleExactMoments(categories.Reference, categories.Current);
        var effect = CramersV.Balanced(test, categories.ReferenceCount, categories.CurrentCount);
        return new DriftTest(
            DriftTest.Categories,
            test.Statistic,
            double.IsNaN(test.PValue) ? 1 : test.PValue,
            effect,
            options.LeastEffect
        );
    }

    private static double Weight(DriftTest test) =>
        test.Name is DriftTest.Distribution or DriftTest.Categories ? DistributionWeight : OtherWeight;

    private static double? Finite(double value) => double.IsFinite(value) ? value : null;
}
