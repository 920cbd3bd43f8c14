using Serverless.Core;
using Serverless.Core.Columns;
using Serverless.Monitoring.Checks;

namespace Serverless.Monitoring.Tests.Checks;

public sealed class LeakageCheckTests
{
    private const int Count = 2_000;

    [Fact]
    public void Two_honest_parts_pass_though_their_few_categories_make_many_rows_equal()
    {
        // Four columns of three categories have 162 different rows with the label: almost every test row has a twin in training.
        var (train, test) = (Categories(1), Categories(2));
        var report = LeakageCheck.Run(train, test, new LeakageOptions { Label = "y" });
        Assert.True(report.Ok, report.ToMarkdown());
    }

    [Fact]
    public void Test_rows_copied_from_training_are_found()
    {
        var train = Numbers(1);
        var test = Rows(Numbers(2), [.. Enumerable.Range(0, Count)], train, [.. Enumerable.Range(0, 60)]);
        var check = LeakageCheck.Run(train, test, new LeakageOptions { Label = "y" }).Checks[0];
        Assert.False(check.Passed);
        Assert.StartsWith("60 of 2060 test rows", check.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("copy")]
    [InlineData("squared")]
    public void A_column_that_is_the_label_in_disguise_is_found(string kind)
    {
        // The square tells the label without being monotone in it: 0 in the middle, 1 at both ends.
        var parts = new[] { 1, 2 }
            .Select(seed => Numbers(seed))
            .Select(f =>
                f.With(
                    Column.FromNumbers(
                        "disguise",
                        [
                            .. Enumerable
                                .Range(0, f.RowCount)
                                .Select(i =>
                                    kind == "copy" ? f["y"].GetNumber(i) + 5
                                    : f["y"].GetNumber(i) == 0 ? i % 10
                                    : (i % 2 * 100) - 50
                                ),
                        ]
                    )
                )
            )
            .ToArray();
        var options = new LeakageOptions { Label = "y" };
        var report = LeakageCheck.Run(parts[0], parts[1], options);
        Assert.Equal("column 'disguise'", Assert.Single(report.Checks, c => c.Passed == false).Name);
        Assert.True(LeakageCheck.Run(parts[0], parts[1], options with { Allow = ["disguise"] }).Ok);
    }

    [Fact]
    public void A_column_of_ids_tells_every_training_label_and_is_no_leak()
    {
        var (train, test) = (WithId(Numbers(1), 0), WithId(Numbers(2), Count));
        Assert.True(LeakageCheck.Run(train, test, new LeakageOptions { Label = "y" }).Ok);
        Assert.True(LeakageCheck.Run(train, test, new LeakageOptions { Label = "y", Id = "id" }).Ok);
        Assert.False(LeakageCheck.Run(train, WithId(Numbers(2), Count - 1), new LeakageOptions { Label = "y", Id = "id" }).Ok);
    }

    [Theory]
    [InlineData("2026-01-31", "2026-02-01", true)]
    [InlineData("2026-02-01", "2026-02-01", false)]
    [InlineData("2026-03-01", "2026-02-01", false)]
    public void Training_must_end_before_the_test_begins(string end, string begin, bool passes)
    {
        var options = new LeakageOptions { Label = "y", Time = "at" };
        var (train, test) = (Numbers(1).With(Column.FromTexts("at", Filled(end))), Numbers(2).With(Column.FromTexts("at", Filled(begin))));
        Assert.Equal(passes, LeakageCheck.Run(train, test, options).Checks.Single(c => c.Name == "time").Passed);
    }

    [Fact]
    public void A_number_to_predict_is_judged_by_the_share_of_its_variance()
    {
        var parts = new[] { 1, 2 }.Select(Regression).ToArray();
        var failed = Assert.Single(
            LeakageCheck.Run(parts[0], parts[1], new LeakageOptions { Label = "price" }).Checks,
            c => c.Passed == false
        );
        Assert.Equal("column 'price_with_tax'", failed.Name);
    }

    [Fact]
    public void A_wrong_name_and_an_empty_part_are_told_before_anything_else()
    {
        Assert.Throws<ServerlessException>(() => LeakageCheck.Run(Numbers(1), Numbers(2), new LeakageOptions { Label = "nope" }));
        Assert.Throws<ServerlessException>(() => LeakageCheck.Run(Numbers(1), Numbers(2).Take([]), new LeakageOptions { Label = "y" }));
    }

    private static string[] Filled(string text) => [.. Enumerable.Repeat(text, Count)];

    private static ColumnFrame WithId(ColumnFrame frame, int from) =>
        frame.With(Column.FromTexts("id", [.. Enumerable.Range(from, Count).Select(i => $"c{i}")]));

    private static ColumnFrame Rows(ColumnFrame a, int[] rowsOfA, ColumnFrame b, int[] rowsOfB) =>
        new(a.Columns.Select(c => Column.FromNumbers(c.Name, [.. rowsOfA.Select(c.GetNumber), .. rowsOfB.Select(b[c.Name].GetNumber)])));

    private static ColumnFrame Numbers(int seed)
    {
        var random = new StableRandom(seed);
        var x = Enumerable.Range(0, Count).Select(_ => random.NextDouble()).ToArray();
        return new ColumnFrame(
            Column.FromNumbers("x", x),
            Column.FromNumbers("y", [.. x.Select(v => random.NextDouble() < v ? 1.0 : 0.0)])
        );
    }

    private static ColumnFrame Categories(int seed)
    {
        var random = new StableRandom(seed);
        string[] Texts() =>
            [
                .. Enumerable
                    .Range(0, Count)
                    .Select(_ =>
                        random.NextDouble() switch
                        {
                            < 0.5 => "a",
                            < 0.8 => "b",
                            _ => "c",
                        }
                    ),
            ];
        return new ColumnFrame(
            Column.FromTexts("p", Texts()),
            Column.FromTexts("q", Texts()),
            Column.FromTexts("r", Texts()),
            Column.FromTexts("s", Texts()),
            Column.FromTexts("y", [.. Enumerable.Range(0, Count).Select(_ => random.NextDouble() < 0.4 ? "Yes" : "No")])
        );
    }

    private static ColumnFrame Regression(int seed)
    {
        var random = new StableRandom(seed);
        var size = Enumerable.Range(0, Count).Select(_ => random.NextDouble() * 100).ToArray();
        var price = size.Select(s => (s * 3) + (random.NextDouble() * 100)).ToArray();
        return new ColumnFrame(
            Column.FromNumbers("size", size),
            Column.FromNumbers("price", price),
            Column.FromNumbers("price_with_tax", [.. price.Select(p => p * 1.19)])
        );
    }

    [Theory]
    [InlineData("2026-01-01 05:00:00", "2026-01-01T04:00:00", false)]
    [InlineData("2026-01-01T10:00:00Z", "2026-01-01T10:30:00+02:00", false)]
    [InlineData("2026-10-25T02:59:00+02:00", "2026-10-25T02:00:00+01:00", true)]
    [InlineData("2026-9-30", "2026-10-01", true)]
    [InlineData("09/30/2026", "01/02/2027", null)]
    [InlineData("Sep 2026", "Oct 2026", null)]
    [InlineData("2026-01-01T10:00:00", "2026-01-01T11:00:00Z", null)]
    [InlineData("2026-01-01T10:00:00", "2026-01-03T11:00:00Z", true)]
    public void Times_are_compared_as_instants_and_what_cannot_be_read_is_not_guessed(string last, string first, bool? passed)
    {
        var train = Numbers(1).With(Column.FromTexts("t", [.. Enumerable.Repeat(last, Count)]));
        var test = Numbers(2).With(Column.FromTexts("t", [.. Enumerable.Repeat(first, Count)]));

        var check = LeakageCheck.Run(train, test, new LeakageOptions { Label = "y", Time = "t" }).Checks.Single(c => c.Name == "time");

        Assert.Equal(passed, check.Passed);
        Assert.Contains(last, check.Message, StringComparison.Ordinal);
    }
}
