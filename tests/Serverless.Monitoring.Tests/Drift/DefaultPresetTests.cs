using Serverless.Core;
using Serverless.Core.Columns;
using Serverless.Monitoring.Drift;
using Serverless.Monitoring.Drift.Reports;
using Serverless.Monitoring.Drift.Statistics;

namespace Serverless.Monitoring.Tests.Drift;

public sealed class DefaultPresetTests
{
    private static readonly string[] Names = ["a", "b", "c", "d", "e"];

    [Fact]
    public void False_alarms_stay_rare_on_single_columns()
    {
        var alarms =
            Enumerable.Range(0, 400).Count(i => Compare(Normal(i, 300), Normal(1000 + i, 300)).DriftDetected)
            + Enumerable.Range(0, 400).Count(i => Compare(Texts(i, 400, 5), Texts(1000 + i, 400, 5)).DriftDetected);

        // 4.4 % of 800 are 35; three standard deviations more are 53.
        Assert.InRange(alarms, 5, 53);
    }

    [Fact]
    public void A_shift_of_wild_data_is_found_that_distances_miss()
    {
        var (reference, current) = (Cauchy(1, 5000, 0), Cauchy(2, 5000, 0.2));

        Assert.True(Compare(reference, current).DriftDetected);
        Assert.False(Compare(reference, current, DriftPresets.Evidently).DriftDetected);
    }

    [Fact]
    public void A_rise_of_nulls_is_found()
    {
        var column = Compare(WithNulls(Normal(1, 1000), 0.1), WithNulls(Normal(2, 1000), 0.3));

        Assert.True(column.DriftDetected);
        var test = Assert.Single(column.Tests, test => test.Detected);
        Assert.Equal(DriftTest.Nulls, test.Name);
        Assert.InRange(test.Effect, 0.1, 0.3);
    }

    [Fact]
    public void Infinities_are_counted_and_never_a_crash()
    {
        var current = Normal(2, 1000);
        for (var i = 0; i < 100; i++)
        {
            current[i] = i % 2 == 0 ? double.PositiveInfinity : double.NegativeInfinity;
        }

        var column = Compare(Normal(1, 1000), current);
        Assert.Equal(100, column.Current.Infinities);
        Assert.Contains(column.Tests, test => test is { Name: DriftTest.Infinities, Detected: true });
        Assert.DoesNotContain(Compare([double.PositiveInfinity, double.NaN], [double.NaN]).Tests, test => test.Detected);
    }

    [Fact]
    public void A_new_category_is_found_and_many_rare_ones_are_normal()
    {
        var reference = Texts(1, 1000, 5);
        var current = Texts(2, 1000, 5);
        current.AsSpan(0, 20).Fill("new");
        Assert.Contains(
            Compare(reference, current).Tests,
            test => test is { Name: DriftTest.NewCategories, Detected: true, Statistic: 20 }
        );

        // Drawn of 5000 names: half of them are new in every window.
        var column = Compare(Texts(3, 1000, 5000), Texts(4, 1000, 5000));
        Assert.False(column.DriftDetected);
        Assert.Contains(column.Tests, test => test is { Name: DriftTest.NewCategories, Effect: > 0.5 });
    }

    [Fact]
    public void An_effect_too_small_to_matter_is_no_drift_however_certain()
    {
        var column = Compare(Normal(1, 60_000), [.. Normal(2, 60_000).Select(value => value + 0.04)]);
        Assert.True(column.PValue < 1e-4);
        Assert.False(column.DriftDetected);
    }

    [Fact]
    public void A_column_that_is_gone_or_turned_to_text_has_drifted_with_its_reason()
    {
        var reference = new ColumnFrame(Column.FromNumbers("x", Normal(1, 100)), Column.FromNumbers("y", Normal(2, 100)));
        var current = new ColumnFrame(Column.FromTexts("y", Texts(1, 100, 3)), Column.FromNumbers("z", Normal(3, 100)));
        foreach (var preset in DriftPresets.All)
        {
            var report = DriftDetector.Compare(reference, current, new DriftOptions { Preset = preset });

            Assert.Contains("does not have this column", report.DriftByColumns["x"].Note, StringComparison.Ordinal);
            Assert.Contains("text", report.DriftByColumns["y"].Note, StringComparison.Ordinal);
            Assert.Equal(2, report.NumberOfDriftedColumns);
            Assert.True(report.DatasetDrift);
            Assert.Equal(["z"], report.NewColumns);
        }
    }

    [Fact]
    public void Weights_decide_about_the_data_set()
    {
        var reference = new ColumnFrame(
            Column.FromNumbers("x", Normal(1, 500)),
            Column.FromNumbers("y", Normal(2, 500)),
            Column.FromNumbers("z", Normal(3, 500))
        );
        var current = new ColumnFrame(
            Column.FromNumbers("x", [.. Normal(4, 500).Select(value => value + 1)]),
            Column.FromNumbers("y", Normal(15, 500)),
            Column.FromNumbers("z", Normal(16, 500))
        );

        Assert.False(DriftDetector.Compare(reference, current).DatasetDrift);
        var weights = new Dictionary<string, double> { ["x"] = 0.7, ["y"] = 0.3 };
        var report = DriftDetector.Compare(reference, current, new DriftOptions { Weights = weights });
        Assert.True(report.DatasetDrift);
        Assert.Equal(0.7, report.WeightedShareOfDriftedColumns!.Value, 1e-12);
        Assert.Throws<ServerlessException>(() => DriftDetector.Compare(reference, current, new DriftOptions { Exclude = ["w"] }));
    }

    [Fact]
    public void No_rows_are_an_error_and_identifiers_are_left_out()
    {
        var frame = new ColumnFrame(
            Column.FromIntegers("customer_id", [.. Enumerable.Range(0, 50).Select(i => (long)i)]),
            Column.FromNumbers("x", Normal(1, 50))
        );
        Assert.Throws<ServerlessException>(() => DriftDetector.Compare(frame, frame.Take([])));
        Assert.Equal("customer_id", Assert.Single(DriftDetector.Compare(frame, frame).SkippedColumns).Name);
    }

    [Fact]
    public void Benjamini_and_Hochbergs_correction()
    {
        // R: p.adjust(c(0.01, 0.04, 0.03, 0.005), "BH").
        Assert.Equal([0.02, 0.04, 0.04, 0.02], BenjaminiHochberg.Adjust([0.01, 0.04, 0.03, 0.005]), (a, b) => Math.Abs(a - b) < 1e-12);
        Assert.Equal([0.5, double.NaN], BenjaminiHochberg.Adjust([0.5, double.NaN]));
    }

    [Fact]
    public void Fishers_test_and_the_exact_moments_of_chi_square()
    {
        // The lower tail of 0 of 400 beside 5 of 400: C(795, 400) / C(800, 400), twice.
        Assert.Equal(0.06171924441310734, ProportionTest.Safe(0, 400, 5, 400).PValue, 1e-9);

        // Where every category is common both forms agree.
        long[] reference = [250, 300, 450],
            current = [270, 320, 410];
        Assert.Equal(ChiSquare.TwoSample(reference, current).PValue, ChiSquare.TwoSampleExactMoments(reference, current).PValue, 2e-3);
        Assert.Equal(1, ChiSquare.TwoSampleExactMoments([1, 1, 1, 0, 0, 0], [0, 0, 0, 1, 1, 1]).PValue);
    }

    internal static ColumnDrift Compare(double[] reference, double[] current, string preset = DriftPresets.Default) =>
        One(Column.FromNumbers("value", reference), Column.FromNumbers("value", current), preset);

    internal static double[] Normal(int seed, int rows)
    {
        var random = new StableRandom(seed);
        return [.. Enumerable.Range(0, rows).Select(_ => Simulation.Normal(random))];
    }

    internal static string[] Texts(int seed, int rows, int categories)
    {
        var random = new StableRandom(seed);
        return
        [
            .. Enumerable.Range(0, rows).Select(_ => random.NextInt(categories)).Select(i => i < Names.Length ? Names[i] : $"name {i}"),
        ];
    }

    private static ColumnDrift Compare(string[] reference, string[] current) =>
        One(Column.FromTexts("value", reference), Column.FromTexts("value", current), DriftPresets.Default);

    private static ColumnDrift One(Column reference, Column current, string preset) =>
        DriftDetector.Compare(new ColumnFrame(reference), new ColumnFrame(current), new DriftOptions { Preset = preset }).DriftByColumns[
            "value"
        ];

    private static double[] Cauchy(int seed, int rows, double shift)
    {
        var random = new StableRandom(seed);
        return [.. Enumerable.Range(0, rows).Select(_ => Math.Tan(Math.PI * (random.NextDouble() - 0.5)) + shift)];
    }

    private static double[] WithNulls(double[] values, double share)
    {
        values.AsSpan(0, (int)(share * values.Length)).Fill(double.NaN);
        return values;
    }
}
