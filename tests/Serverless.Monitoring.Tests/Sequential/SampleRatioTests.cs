using Serverless.Core;
using Serverless.Monitoring.Sequential;

namespace Serverless.Monitoring.Tests.Sequential;

public sealed class SampleRatioTests
{
    private const double Alpha = 0.05;

    [Theory]
    [InlineData(0.05)]
    [InlineData(0.5)]
    public void Traffic_shared_as_planned_raises_no_more_alarms_than_alpha(double share)
    {
        const int canaries = 600;
        Assert.InRange(Canary.StopRate(canaries, 21, random => Alarms(random, share, share, hosts: 1)), 0, Canary.Limit(Alpha, canaries));
    }

    [Fact]
    public void Two_hosts_that_meet_the_same_keys_raise_no_more_alarms_either()
    {
        const int canaries = 600;
        Assert.InRange(Canary.StopRate(canaries, 22, random => Alarms(random, 0.25, 0.25, hosts: 3)), 0, Canary.Limit(Alpha, canaries));
    }

    [Fact]
    public void Traffic_that_is_shared_otherwise_is_found()
    {
        Assert.InRange(Canary.StopRate(100, 23, random => Alarms(random, 0.5, 0.45, hosts: 1)), 0.95, 1);
        Assert.InRange(Canary.StopRate(100, 24, random => Alarms(random, 0.05, 0.08, hosts: 2)), 0.95, 1);
    }

    [Fact]
    public void The_chi_square_of_one_look_is_as_known()
    {
        // 5,821 and 5,279 of 11,100 where half was planned: chi-square 26.47, p = 2.7e-7.
        Assert.Equal(2.68e-7, SampleRatio.ChiSquareP(new SampleRatioCount(0.5, 5821, 5279)), 9);
        Assert.Equal(1, SampleRatio.ChiSquareP(new SampleRatioCount(1, 0, 10)));
        Assert.Equal(1, SampleRatio.PValue([], 3), 12);
    }

    /// <summary>The same keys come to every host, so the hosts' counts are one and the same.</summary>
    private static bool Alarms(StableRandom random, double planned, double real, int hosts)
    {
        var count = new SampleRatioCount(planned, 0, 0);
        for (var look = 0; look < 100; look++)
        {
            for (var i = 0; i < 60; i++)
            {
                count =
                    random.NextDouble() < real
                        ? count with
                        {
                            Challenger = count.Challenger + 1,
                        }
                        : count with
                        {
                            Champion = count.Champion + 1,
                        };
            }

            if (SampleRatio.PValue([.. Enumerable.Repeat(new[] { count }, hosts)], steps: 3) <= Alpha)
            {
                return true;
            }
        }

        return false;
    }
}
