using Serverless.Core.Columns;
using Serverless.Monitoring.Profiles;

namespace Serverless.Monitoring.Tests.Profiles;

public sealed class ProfileTests
{
    [Fact]
    public void A_numeric_column()
    {
        var profile = ColumnProfile.Of(
            Column.FromNumbers("x", [4, 1, double.NaN, 2, 3, 2, double.PositiveInfinity, double.NegativeInfinity, double.NegativeInfinity]),
            new ProfileOptions { HistogramBins = 3, TopValues = 2 }
        );

        Assert.Equal(
            (9, 1, 6, 1, 2),
            (profile.Count, profile.NullCount, profile.DistinctCount, profile.PositiveInfinityCount, profile.NegativeInfinityCount)
        );
        Assert.Equal(2.4, profile.Mean!.Value, 1e-15);
        Assert.Equal(Math.Sqrt(1.3), profile.StandardDeviation!.Value, 1e-15);
        Assert.Equal((1, 4), (profile.Min, profile.Max));
        Assert.Equal(2, profile.Quantiles.Single(quantile => quantile.Probability == 0.5).Value);
        Assert.Equal(1.04, profile.Quantiles[0].Value, 1e-12);
        Assert.Equal([1, 2, 3, 4], profile.Histogram.Edges);
        Assert.Equal([1, 2, 2], profile.Histogram.Counts);
        Assert.Equal([new ValueCount("-inf", 2), new ValueCount("2", 2)], profile.TopValues);
    }

    [Fact]
    public void A_text_column()
    {
        var profile = ColumnProfile.Of(Column.FromTexts("t", ["b", "a", null, "c", "b", "a", "Z"]), new ProfileOptions { TopValues = 3 });

        Assert.Equal((7, 1, 4), (profile.Count, profile.NullCount, profile.DistinctCount));
        Assert.Equal(1 / 7.0, profile.NullShare);
        Assert.Equal([new ValueCount("a", 2), new ValueCount("b", 2), new ValueCount("Z", 1)], profile.TopValues);
        Assert.Null(profile.Mean);
        Assert.Empty(profile.Histogram.Counts);
    }

    [Fact]
    public void Long_ids_are_told_apart()
    {
        var profile = ColumnProfile.Of(Column.FromIntegers("id", [9007199254740992, 9007199254740993, null, 9007199254740993]));

        Assert.Equal(2, profile.DistinctCount);
        Assert.Equal([new ValueCount("9007199254740993", 2), new ValueCount("9007199254740992", 1)], profile.TopValues);
    }

    [Theory]
    [InlineData()]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity, double.NegativeInfinity)]
    [InlineData(5.0)]
    [InlineData(5.0, 5.0)]
    [InlineData(double.MaxValue, double.MinValue, 0.0)]
    [InlineData(double.Epsilon, 0.0, -0.0)]
    [InlineData(1e300, 1e300, -1e300, double.NaN, double.NegativeInfinity)]
    public void Odd_columns_are_counted_and_never_crash(params double[] values)
    {
        var profile = ColumnProfile.Of(Column.FromNumbers("x", values));

        var finite = values.Count(double.IsFinite);
        Assert.Equal(finite, profile.Histogram.Counts.Sum());
        Assert.Equal(values.Length, profile.NullCount + profile.PositiveInfinityCount + profile.NegativeInfinityCount + finite);
        Assert.Equal(profile.Histogram.Edges.Order(), profile.Histogram.Edges);
        Assert.Equal(finite == 0, profile.Min is null);
        Assert.All(profile.Quantiles, quantile => Assert.InRange(quantile.Value, profile.Min!.Value, profile.Max!.Value));
        Assert.All([profile.Mean ?? 0, profile.StandardDeviation ?? 0], value => Assert.True(double.IsFinite(value)));
    }

    [Fact]
    public void Moments_keep_their_digits_far_from_zero()
    {
        var profile = ColumnProfile.Of(Column.FromNumbers("x", [1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16]));

        Assert.Equal(1e9 + 10, profile.Mean!.Value, 1e-6);
        Assert.Equal(Math.Sqrt(30), profile.StandardDeviation!.Value, 1e-9);
    }

    [Fact]
    public void A_frame_has_the_profiles_of_its_columns()
    {
        var profile = FrameProfile.Of(
            new ColumnFrame(Column.FromBooleans("b", [true, null, true]), Column.FromTexts("t", ["x", "y", "z"]))
        );

        Assert.Equal(3, profile.RowCount);
        Assert.Equal(["b", "t"], profile.Columns.Select(column => column.Name));
        Assert.Equal([new ValueCount("true", 2)], profile.Columns[0].TopValues);
    }
}
