using Serverless.Core;
using Serverless.Monitoring.Drift.Profiles;
using Serverless.Monitoring.Drift.Statistics;

namespace Serverless.Monitoring.Tests.Drift;

/// <summary>The distance and the deciles without sorting are those with sorting, whatever the values are.</summary>
public sealed class LargeSamplesTests
{
    public static TheoryData<string> Kinds =>
        [
            "normal",
            "cauchy",
            "uniform",
            "integers",
            "few",
            "constant",
            "zeros",
            "huge",
            "sorted",
            "periodic",
            "two scales",
            "tiny",
            "apart",
        ];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void As_by_sorting(string kind)
    {
        foreach (var (m, n) in new[] { (40_000, 40_000), (100_000, 3), (1, 50_000), (30_001, 12_345) })
        {
            var random = new StableRandom(m + n);
            var (reference, current) = (Draw(random, kind, m, 0), Draw(random, kind, n, 0.01));
            var samples = new LargeSamples(reference, current);
            var (left, right) = (FiniteValues.Sorted(reference), FiniteValues.Sorted(current));
            var (d, location) = KsDistance.OfSorted(left, right);
            var numbers = NumericComparison.OfSorted(
                NumericReference.OfSorted(left, new ReferenceProfileOptions { ExactValues = int.MaxValue }),
                right
            );
            var (ofReference, ofCurrent) = numbers.DecileShares();

            Assert.Equal(d, samples.D);
            Assert.Equal(d, Gap(left, right, location), 1e-12);
            Assert.Equal(d, Gap(left, right, samples.Location), 1e-12);
            Assert.Equal(ofReference, samples.ReferenceShares);
            Assert.Equal(ofCurrent, samples.CurrentShares);
            Assert.Equal(d, numbers.KsDistance().D, 1e-12);
        }
    }

    private static double Gap(double[] left, double[] right, double at) =>
        Math.Abs(((double)left.Count(value => value <= at) / left.Length) - ((double)right.Count(value => value <= at) / right.Length));

    private static double[] Draw(StableRandom random, string kind, int rows, double shift)
    {
        var values = new double[rows];
        for (var i = 0; i < rows; i++)
        {
            values[i] = kind switch
            {
                "normal" => Simulation.Normal(random) + shift,
                "cauchy" => Math.Tan(Math.PI * (random.NextDouble() - 0.5)) + shift,
                "uniform" => random.NextDouble() * (1 + shift),
                "integers" => Math.Floor(random.NextDouble() * 60_000),
                "few" => Math.Floor(random.NextDouble() * (5 + shift)),
                "constant" => 7,
                "zeros" => random.NextDouble() < 0.7 ? 0 : random.NextDouble(),
                "huge" => (random.NextDouble() - 0.5) * double.MaxValue,
                "sorted" => i + shift,
                "periodic" => i % 16 == 0 ? 0 : i,
                "two scales" => random.NextDouble() < 0.5 ? random.NextDouble() : 1e12 * random.NextDouble(),
                "tiny" => double.Epsilon * random.NextInt(100_000),
                _ => shift == 0 ? random.NextDouble() : 5 + random.NextDouble(),
            };
        }

        return values;
    }
}
