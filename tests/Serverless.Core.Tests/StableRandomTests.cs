namespace Serverless.Core.Tests;

public sealed class StableRandomTests
{
    [Fact]
    public void The_sequence_is_a_promise()
    {
        // xoshiro256** after SplitMix64 of 0, as published by its authors: 0xE220A8397B1DCDAF is SplitMix64's first output.
        var random = new StableRandom(0);
        ulong[] expected = [11091344671253066420, 13793997310169335082, 1900383378846508768];

        Assert.Equal(expected, Enumerable.Range(0, 3).Select(_ => random.NextBits()));
    }

    [Fact]
    public void Numbers_below_a_bound_are_equally_likely()
    {
        var random = new StableRandom(7);
        var counts = new int[6];
        for (var i = 0; i < 60_000; i++)
        {
            counts[random.NextInt(6)]++;
        }

        // Five standard deviations of a count are 456.
        Assert.All(counts, count => Assert.InRange(count, 9_544, 10_456));
        Assert.All(Enumerable.Range(0, 1000), _ => Assert.InRange(random.NextDouble(), 0, 1));
        Assert.Equal(0, random.NextInt(1));
    }

    [Fact]
    public void A_shuffle_keeps_the_items()
    {
        int[] items = [.. Enumerable.Range(0, 100)];
        new StableRandom(1).Shuffle<int>(items);

        Assert.NotEqual(Enumerable.Range(0, 100), items);
        Assert.Equal(Enumerable.Range(0, 100), items.Order());
    }
}
