using Serverless.Monitoring.Sequential;

namespace Serverless.Monitoring.Tests.Sequential;

/// <summary>The audit of the error rate's test: harmless canaries that go on, broken ones that are found.</summary>
public sealed class BernoulliMixtureTests
{
    private const double Alpha = 0.05;
    private const int Looks = 100;

    [Theory]
    [InlineData(0.02, 0.25)]
    [InlineData(0.02, 0.05)]
    [InlineData(0.001, 0.05)]
    [InlineData(0.3, 0.5)]
    public void A_hundred_looks_stop_no_more_harmless_canaries_than_alpha(double rate, double share)
    {
        const int canaries = 600;
        var stopped = Canary.StopRate(
            canaries,
            1,
            random =>
                Canary.StopOfErrors(
                    random,
                    Canary.Steady(share, Looks),
                    100,
                    _ => rate,
                    _ => rate,
                    s => BernoulliMixture.Test(s, 0).IsRejected(Alpha)
                ) > 0
        );

        Assert.InRange(stopped, 0, Canary.Limit(Alpha, canaries));
    }

    [Fact]
    public void A_z_test_looked_at_as_often_stops_a_third_of_them()
    {
        const int canaries = 600;
        var stopped = Canary.StopRate(
            canaries,
            1,
            random => Canary.StopOfErrors(random, Canary.Steady(0.25, Looks), 100, _ => 0.02, _ => 0.02, s => Canary.NaiveP(s) <= Alpha) > 0
        );

        Assert.InRange(stopped, 0.25, 0.5);
    }

    [Fact]
    public void Exactly_at_the_margin_it_stops_no_more_than_alpha()
    {
        const int canaries = 600;
        var stopped = Canary.StopRate(
            canaries,
            2,
            random =>
                Canary.StopOfErrors(
                    random,
                    Canary.Steady(0.25, Looks),
                    100,
                    _ => 0.02,
                    _ => 0.03,
                    s => BernoulliMixture.Test(s, 0.01).IsRejected(Alpha)
                ) > 0
        );

        Assert.InRange(stopped, 0, Canary.Limit(Alpha, canaries));
    }

    [Fact]
    public void Errors_that_come_and_go_for_both_alike_while_the_steps_grow_stop_nothing()
    {
        // The night is quiet and the morning, when the challenger has more of the traffic, is not: pooled rates would blame the challenger.
        double[] shares = [.. Canary.Steady(0.05, 33), .. Canary.Steady(0.25, 33), .. Canary.Steady(0.5, 34)];
        static double Rate(int look) => 0.005 + (0.001 * look);
        const int canaries = 400;
        var stopped = Canary.StopRate(
            canaries,
            3,
            random => Canary.StopOfErrors(random, shares, 100, Rate, Rate, s => BernoulliMixture.Test(s, 0).IsRejected(Alpha)) > 0
        );
        var pooled = Canary.StopRate(
            canaries,
            3,
            random => Canary.StopOfErrors(random, shares, 100, Rate, Rate, s => Canary.NaiveP(s) <= Alpha) > 0
        );

        Assert.InRange(stopped, 0, Canary.Limit(Alpha, canaries));
        Assert.InRange(pooled, 0.9, 1);
    }

    [Theory]
    [InlineData(0.01, 0.05, 0.05, 10_000)]
    [InlineData(0.001, 0.05, 0.05, 3_000)]
    [InlineData(0.01, 0.02, 0.25, 20_000)]
    [InlineData(0.0, 0.02, 0.05, 10_000)]
    public void A_worse_challenger_is_found_in_time(double champion, double challenger, double share, int within)
    {
        var looks = within / 100;
        var found = Canary.StopRate(
            200,
            4,
            random =>
                Canary.StopOfErrors(
                    random,
                    Canary.Steady(share, looks),
                    100,
                    _ => champion,
                    _ => challenger,
                    s => BernoulliMixture.Test(s, 0).IsRejected(Alpha)
                ) > 0
        );

        Assert.InRange(found, 0.9, 1);
    }

    [Fact]
    public void Without_a_margin_the_bets_are_the_likelihood_ratio_of_the_arms_of_the_failures()
    {
        var stratum = new BernoulliStratum(0.2, 800, 12, 200, 9);
        var expected = 0.0;
        for (var i = 0; i < 16; i++)
        {
            var ratio = 1 + (0.1 * Math.Pow(500, i / 15.0));
            var q = 0.2 * ratio / ((0.2 * ratio) + 0.8);
            expected += Math.Pow(q / 0.2, 9) * Math.Pow((1 - q) / 0.8, 12) / 16;
        }

        Assert.Equal(Math.Log(expected), BernoulliMixture.Test([stratum], 0).LogEvidence, 9);
    }

    [Fact]
    public void Nothing_seen_says_nothing()
    {
        Assert.Equal(1, BernoulliMixture.Test([], 0).PValue);
        Assert.Equal(1, BernoulliMixture.Test([new BernoulliStratum(0.05, 0, 0, 0, 0)], 0.01).PValue);
        Assert.Equal(1, BernoulliMixture.Test([new BernoulliStratum(1, 0, 0, 500, 400)], 0).PValue);
        Assert.True(double.IsNaN(BernoulliMixture.Test([], 0).Difference));
    }

    [Fact]
    public void A_limit_for_one_stream_alone_holds_its_level_and_finds_what_is_above()
    {
        const int canaries = 600;
        Assert.InRange(StopRate(0.02), 0, Canary.Limit(Alpha, canaries));
        Assert.InRange(StopRate(0.06), 0.95, 1);
        Assert.Equal(1, BernoulliMixture.TestLimit(100, 100, 1).PValue);

        double StopRate(double rate) =>
            Canary.StopRate(
                canaries,
                5,
                random =>
                {
                    var events = 0;
                    for (var count = 1; count <= 2000; count++)
                    {
                        events += random.NextDouble() < rate ? 1 : 0;
                        if (count % 20 == 0 && BernoulliMixture.TestLimit(count, events, 0.02).IsRejected(Alpha))
                        {
                            return true;
                        }
                    }

                    return false;
                }
            );
    }
}
