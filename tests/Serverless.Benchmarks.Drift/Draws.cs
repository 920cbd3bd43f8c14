using Serverless.Core;

namespace Serverless.Benchmarks.Drift;

/// <summary>Random columns of known distributions.</summary>
internal static class Draws
{
    public static double Normal(StableRandom random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    public static double Cauchy(StableRandom random) => Math.Tan(Math.PI * (random.NextDouble() - 0.5));

    public static double Poisson(StableRandom random, double mean)
    {
        // Knuth's: products of uniform numbers until they fall below e^-mean.
        var (limit, product, count) = (Math.Exp(-mean), random.NextDouble(), 0);
        while (product > limit)
        {
            product *= random.NextDouble();
            count++;
        }

        return count;
    }

    public static double[] Numbers(StableRandom random, int rows, Func<StableRandom, double> draw)
    {
        var values = new double[rows];
        for (var i = 0; i < rows; i++)
        {
            values[i] = draw(random);
        }

        return values;
    }

    public static Dictionary<string, long> Categories(StableRandom random, int rows, double[] shares)
    {
        var counts = new long[shares.Length];
        for (var row = 0; row < rows; row++)
        {
            var (u, i) = (random.NextDouble(), 0);
            while (i < shares.Length - 1 && u >= shares[i])
            {
                u -= shares[i++];
            }

            counts[i]++;
        }

        return Enumerable.Range(0, counts.Length).Where(i => counts[i] > 0).ToDictionary(i => $"c{i}", i => counts[i]);
    }

    public static double[] Equal(int categories) => [.. Enumerable.Repeat(1.0 / categories, categories)];

    /// <summary>Shares that rise from three quarters of the equal one to five quarters.</summary>
    public static double[] Tilted(int categories) =>
        [.. Enumerable.Range(0, categories).Select(i => (0.75 + (0.5 * i / (categories - 1))) / categories)];

    /// <summary>Shares that fall with the rank.</summary>
    public static double[] Zipf(int categories)
    {
        var sum = Enumerable.Range(1, categories).Sum(i => 1.0 / i);
        return [.. Enumerable.Range(1, categories).Select(i => 1 / (i * sum))];
    }
}
