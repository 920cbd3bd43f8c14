using System.Numerics;
using Serverless.Core;
using Serverless.Monitoring.Significance;

namespace Serverless.Monitoring.Tests.Significance;

public sealed class McNemarTests
{
    [Theory]
    [InlineData(0, 1)]
    [InlineData(3, 9)]
    [InlineData(9, 3)]
    [InlineData(10, 10)]
    [InlineData(0, 40)]
    [InlineData(200, 260)]
    [InlineData(900, 1100)]
    public void The_exact_test_agrees_with_whole_number_arithmetic(int championOnly, int challengerOnly)
    {
        var test = McNemar.Of(championOnly, challengerOnly);
        var discordant = championOnly + challengerOnly;
        var oneSided = Share(0, championOnly);
        var smaller = Math.Min(championOnly, challengerOnly);

        AssertRelative(oneSided, test.OneSidedP);
        AssertRelative(Math.Min(1, 2 * Share(0, smaller)), test.TwoSidedP);
        Assert.Equal(Math.Min(1, (2 * Share(0, smaller)) - Share(smaller, smaller)), test.MidP, 1e-9);

        // The sum of binomial coefficients from C(n, first) to C(n, last), over 2^n.
        double Share(int first, int last)
        {
            var coefficient = BigInteger.One;
            var sum = BigInteger.Zero;
            for (var k = 0; k <= last; k++)
            {
                sum += k >= first ? coefficient : BigInteger.Zero;
                coefficient = coefficient * (discordant - k) / (k + 1);
            }

            return Math.Exp(BigInteger.Log(sum) - (discordant * Math.Log(2)));
        }
    }

    [Fact]
    public void Both_sides_of_the_exact_test_are_one_and_the_point_between_them()
    {
        var better = McNemar.Of(12, 30).OneSidedP;
        var worse = McNemar.Of(30, 12).OneSidedP;
        var point = McNemar.Of(30, 12).TwoSidedP - McNemar.Of(30, 12).MidP;

        Assert.Equal(1, better + worse - point, 1e-12);
    }

    [Fact]
    public void Models_that_never_differ_are_not_different()
    {
        var test = McNemar.Of(0, 0);

        Assert.Equal([1, 1, 1, 1, 1], [test.OneSidedP, test.TwoSidedP, test.MidP, test.ChiSquaredP, test.CorrectedChiSquaredP]);
    }

    [Fact]
    public void The_interval_covers_the_true_difference_as_often_as_it_says()
    {
        var random = new StableRandom(11);
        var covered = 0;
        for (var repetition = 0; repetition < 1000; repetition++)
        {
            long championOnly = 0,
                challengerOnly = 0;
            for (var row = 0; row < 100; row++)
            {
                var draw = random.NextDouble();
                championOnly += draw < 0.1 ? 1 : 0;
                challengerOnly += draw is >= 0.1 and < 0.25 ? 1 : 0;
            }

            var interval = McNemar.Of(championOnly, challengerOnly).DifferenceInterval(100, 0.95);
            covered += interval.Lower <= 0.05 && 0.05 <= interval.Upper ? 1 : 0;
        }

        Assert.InRange(covered, 930, 975);
    }

    private static void AssertRelative(double expected, double actual) => Assert.InRange(actual / expected, 1 - 1e-9, 1 + 1e-9);
}
