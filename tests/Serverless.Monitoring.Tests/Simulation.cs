using Serverless.Core;

namespace Serverless.Monitoring.Tests;

/// <summary>Models whose true quality is known, because it is made up.</summary>
internal static class Simulation
{
    /// <summary>
    /// Labels and the probabilities of two models. Given the label, the two scores may be swapped without changing their distribution
    /// if both separate the classes equally: then neither model is better.
    /// </summary>
    public static (double[] Labels, double[] Champion, double[] Challenger) Classifiers(
        int seed,
        int rows,
        double championSeparation = 1.2,
        double challengerSeparation = 1.2,
        double share = 0.4
    )
    {
        var random = new StableRandom(seed);
        var (labels, champion, challenger) = (new double[rows], new double[rows], new double[rows]);
        for (var i = 0; i < rows; i++)
        {
            labels[i] = random.NextDouble() < share ? 1 : 0;
            var common = Normal(random);
            champion[i] = Sigmoid((championSeparation * (labels[i] - 0.5)) + (0.7 * common) + (0.7 * Normal(random)));
            challenger[i] = Sigmoid((challengerSeparation * (labels[i] - 0.5)) + (0.7 * common) + (0.7 * Normal(random)));
        }

        return (labels, champion, challenger);
    }

    public static (double[] Labels, double[] Champion, double[] Challenger) Regressors(
        int seed,
        int rows,
        double championError = 1,
        double challengerError = 1
    )
    {
        var random = new StableRandom(seed);
        var (labels, champion, challenger) = (new double[rows], new double[rows], new double[rows]);
        for (var i = 0; i < rows; i++)
        {
            labels[i] = 10 * Normal(random);
            champion[i] = labels[i] + (championError * Normal(random));
            challenger[i] = labels[i] + (challengerError * Normal(random));
        }

        return (labels, champion, challenger);
    }

    /// <summary>Box and Muller's transform of two uniform numbers.</summary>
    public static double Normal(StableRandom random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    private static double Sigmoid(double value) => 1 / (1 + Math.Exp(-value));
}
