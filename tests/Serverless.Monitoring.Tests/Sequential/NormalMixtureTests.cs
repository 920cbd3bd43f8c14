using Serverless.Core;
using Serverless.Monitoring.Sequential;

namespace Serverless.Monitoring.Tests.Sequential;

/// <summary>The audit of latency's and loss's test.</summary>
public sealed class NormalMixtureTests
{
    private const double Alpha = 0.05;
    private const int Looks = 100;

    [Theory]
    [InlineData("log of a lognormal latency", 0.05)]
    [InlineData("log of a lognormal latency", 0.5)]
    [InlineData("log of a Pareto latency", 0.05)]
    [InlineData("squared error of a probability", 0.25)]
    public void A_hundred_looks_stop_no_more_harmless_canaries_than_alpha(string values, double share)
    {
        const int canaries = 400;
        var stopped = Canary.StopRate(canaries, 11, random => Stops(random, share, 0, 0, values));

        Assert.InRange(stopped, 0, Canary.Limit(Alpha, canaries));
    }

    [Fact]
    public void Exactly_at_the_margin_it_stops_no_more_than_alpha()
    {
        const int canaries = 400;
        var stopped = Canary.StopRate(
            canaries,
            12,
            random => Stops(random, 0.25, Math.Log(1.25), Math.Log(1.25), "log of a lognormal latency")
        );

        Assert.InRange(stopped, 0, Canary.Limit(Alpha, canaries));
    }

    [Theory]
    [InlineData(0.05, 1.6)]
    [InlineData(0.25, 1.4)]
    public void A_slower_challenger_is_found(double share, double times)
    {
        var found = Canary.StopRate(100, 13, random => Stops(random, share, Math.Log(1.1), Math.Log(times), "log of a lognormal latency"));

        Assert.InRange(found, 0.95, 1);
    }

    [Fact]
    public void Both_sides_follow_the_published_formula()
    {
        var stratum = new NormalStratum(new ValueSums(900, 450, 1125), new ValueSums(100, 70, 140));
        var variance = (stratum.Champion.Variance / 900) + (stratum.Challenger.Variance / 100);
        const double tau = 0.3;
        var expected =
            (0.5 * Math.Log(variance / (variance + (tau * tau)))) + (tau * tau * 0.04 / (2 * variance * (variance + (tau * tau))));

        Assert.Equal(expected, NormalMixture.TestDifferent([stratum], tau).LogEvidence, 9);
    }

    [Fact]
    public void One_side_is_the_integral_over_the_half_normal()
    {
        var stratum = new NormalStratum(new ValueSums(900, 450, 1125), new ValueSums(100, 70, 140));
        var variance = (stratum.Champion.Variance / 900) + (stratum.Challenger.Variance / 100);
        const double tau = 0.3;
        const double margin = 0.05;
        var integral = 0.0;
        const int parts = 20_000;
        for (var i = 0; i < parts; i++)
        {
            var effect = (i + 0.5) * 3 / parts;
            var density = 2 / (tau * Math.Sqrt(2 * Math.PI)) * Math.Exp(-effect * effect / (2 * tau * tau));
            integral += density * Math.Exp(((effect * (0.2 - margin)) - (effect * effect / 2)) / variance) * 3 / parts;
        }

        Assert.Equal(Math.Log(integral), NormalMixture.TestWorse([stratum], margin, tau).LogEvidence, 5);
    }

    [Fact]
    public void The_confidence_sequence_holds_the_truth_at_all_looks_at_once()
    {
        const int canaries = 400;
        var missed = Canary.StopRate(
            canaries,
            14,
            random =>
                Looking(
                    random,
                    0.25,
                    0.1,
                    "log of a lognormal latency",
                    strata =>
                        NormalMixture.Interval(strata, 0.2, 1 - Alpha) is { } interval && !(interval.Lower <= 0.1 && 0.1 <= interval.Upper)
                )
        );

        Assert.InRange(missed, 0, Canary.Limit(Alpha, canaries));
    }

    [Fact]
    public void Too_few_or_equal_values_say_nothing()
    {
        var few = new ValueSums(NormalMixture.MinimumCount - 1, 29, 290);
        var equal = new ValueSums(100, 100, 100);
        Assert.Equal(1, NormalMixture.TestWorse([new NormalStratum(few, equal)], 0, 0.2).PValue);
        Assert.Equal(1, NormalMixture.TestWorse([new NormalStratum(equal, equal)], 0, 0.2).PValue);
        Assert.Null(NormalMixture.Interval([], 0.2, 0.95));
    }

    private static bool Stops(StableRandom random, double share, double margin, double effect, string values) =>
        Looking(random, share, effect, values, strata => NormalMixture.TestWorse(strata, margin, 0.2).IsRejected(Alpha));

    private static bool Looking(StableRandom random, double share, double effect, string values, Func<List<NormalStratum>, bool> stops)
    {
        var (champion, challenger) = (default(ValueSums), default(ValueSums));
        for (var look = 0; look < Looks; look++)
        {
            for (var i = 0; i < 100; i++)
            {
                if (random.NextDouble() < share)
                {
                    challenger = challenger.With(Value(random, values) + effect);
                }
                else
                {
                    champion = champion.With(Value(random, values));
                }
            }

            if (stops([new NormalStratum(champion, challenger)]))
            {
                return true;
            }
        }

        return false;
    }

    private static double Value(StableRandom random, string values) =>
        values switch
        {
            "log of a lognormal latency" => 1 + (0.8 * Simulation.Normal(random)),
            "log of a Pareto latency" => -Math.Log(1 - random.NextDouble()) / 1.5,
            _ => random.NextDouble() is var p && random.NextDouble() < p ? (1 - p) * (1 - p) : p * p,
        };
}
