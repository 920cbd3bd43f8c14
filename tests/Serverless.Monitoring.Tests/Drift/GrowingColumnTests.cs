using System.Globalization;
using Serverless.Core;
using Serverless.Core.Columns;
using Serverless.Monitoring.Drift;

namespace Serverless.Monitoring.Tests.Drift;

/// <summary>New data never has old dates, epochs or running numbers: they say nothing about drift.</summary>
public sealed class GrowingColumnTests
{
    private const int Count = 2_000;

    [Fact]
    public void Dates_epochs_and_running_numbers_are_left_out_with_a_note_and_the_rest_is_compared()
    {
        var report = DriftDetector.Compare(Rows(1, 0), Rows(2, Count));

        Assert.False(report.DatasetDrift);
        Assert.Equal(["day", "rowid", "ts"], report.SkippedColumns.Select(c => c.Name).Order());
        Assert.Contains(report.SkippedColumns, c => c.Name == "day" && c.Reason == "dates or times: new data has later ones");
        Assert.Contains(report.SkippedColumns, c => c.Name == "ts" && c.Reason == "times as numbers: new data has later ones");
        Assert.Contains(report.SkippedColumns, c => c.Name == "rowid" && c.Reason.StartsWith("a running number", StringComparison.Ordinal));
        Assert.Equal(["amount", "x"], report.DriftByColumns.Keys.Order());
    }

    [Fact]
    public void A_column_that_is_named_is_compared_all_the_same()
    {
        var report = DriftDetector.Compare(Rows(1, 0), Rows(2, Count), new DriftOptions { Columns = ["ts", "day"] });

        Assert.Equal(["day", "ts"], report.DriftByColumns.Where(c => c.Value.DriftDetected).Select(c => c.Key).Order());
    }

    [Fact]
    public void Whole_numbers_that_pandas_wrote_with_a_fraction_and_truth_values_have_not_drifted()
    {
        var random = new StableRandom(7);
        var numbers = Enumerable.Range(0, Count).Select(_ => (long)random.NextInt(2)).ToArray();
        var reference = new ColumnFrame(
            Column.FromIntegers("visits", numbers),
            Column.FromBooleans("active", Array.ConvertAll(numbers, n => n == 1))
        );
        var current = new ColumnFrame(
            Column.FromNumbers("visits", Array.ConvertAll(numbers, n => (double)n)),
            Column.FromIntegers("active", numbers)
        );

        var report = DriftDetector.Compare(reference, current, new DriftOptions { Categorical = ["visits"] });

        Assert.All(report.DriftByColumns.Values, c => Assert.False(c.DriftDetected));
        Assert.Equal(2, report.NumberOfColumns);
    }

    private static ColumnFrame Rows(int seed, int from)
    {
        var random = new StableRandom(seed);
        var start = new DateTime(2026, 1, 1).AddDays(from == 0 ? 0 : 31);
        return new ColumnFrame(
            Column.FromNumbers("x", [.. Enumerable.Range(0, Count).Select(_ => random.NextDouble())]),
            Column.FromIntegers("amount", [.. Enumerable.Range(0, Count).Select(_ => (long)random.NextInt(5_000))]),
            Column.FromTexts(
                "day",
                [
                    .. Enumerable
                        .Range(0, Count)
                        .Select(_ => start.AddDays(random.NextInt(28)).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)),
                ]
            ),
            Column.FromIntegers("rowid", [.. Enumerable.Range(from, Count).Select(i => (long)i)]),
            Column.FromIntegers("ts", [.. Enumerable.Range(from, Count).Select(i => 1_767_225_600L + (i * 600))])
        );
    }
}
