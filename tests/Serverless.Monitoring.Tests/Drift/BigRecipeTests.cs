using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using Serverless.Monitoring.Drift.Profiles;
using Serverless.Monitoring.Drift.Statistics;

namespace Serverless.Monitoring.Tests.Drift;

/// <summary>SciPy's values for a million rows that a recipe makes, exact to the bit.</summary>
public sealed class BigRecipeTests
{
    [Theory]
    [InlineData("90_big_normalish_same_1e6")]
    [InlineData("92_big_pareto_scale_1e6")]
    [InlineData("94_big_unequal_1e6_vs_1e4")]
    public void Numbers(string name)
    {
        var expected = DriftGolden.Document("reference_big.json").GetProperty("cases").GetProperty(name);
        var (reference, current) = name[..2] switch
        {
            "90" => (Normalish(1, 1_000_000), Normalish(2, 1_000_000)),
            "92" => (Column(1_000_000, i => 1 / (1 - Uniform(5, i))), Column(1_000_000, i => 1.01 * (1 / (1 - Uniform(6, i))))),
            _ => (Normalish(9, 1_000_000), Array.ConvertAll(Normalish(10, 10_000), value => 1.02 * value)),
        };
        Assert.Equal(expected.GetProperty("check_reference").GetProperty("sha256_le_f64").GetString(), Digest(reference));
        Assert.Equal(expected.GetProperty("check_current").GetProperty("sha256_le_f64").GetString(), Digest(current));

        var drift = NumericDrift.Of(reference, current);
        var ks = expected.GetProperty("ks");
        DriftGolden.Near(ks.GetProperty("statistic"), drift.Test.Statistic);
        DriftGolden.Near(ks.GetProperty("p_auto"), drift.Test.PValue);
        DriftGolden.Near(ks.GetProperty("location"), drift.Test.Location);
        DriftGolden.Near(
            ks.GetProperty("p_kolmogorov_limit"),
            KolmogorovSmirnov.Limit(drift.Test.Statistic, reference.Length, current.Length)
        );
        DriftGolden.Near(expected.GetProperty("quantile10").GetProperty("psi"), drift.Psi);
        if (reference.Length == current.Length)
        {
            DriftGolden.Near(ks.GetProperty("p_exact"), KolmogorovSmirnov.Exact(drift.Test.Statistic, reference.Length, current.Length));
        }

        CheckProfile(expected, reference, current);
    }

    [Fact]
    public void Categories()
    {
        var expected = DriftGolden.Document("reference_big.json").GetProperty("cases").GetProperty("96_big_cat50_tilt_1e6");
        var (reference, current) = (new long[50], new long[50]);
        for (var i = 0; i < 1_000_000; i++)
        {
            reference[(int)Math.Floor(Uniform(13, i) * 50)]++;
            current[Math.Min(49, (int)Math.Floor(Uniform(14, i) * 50.2))]++;
        }

        DriftGolden.Near(expected.GetProperty("chisquare_two_sample").GetProperty("p"), ChiSquare.TwoSample(reference, current).PValue);
        DriftGolden.Near(expected.GetProperty("chisquare_evidently_gof").GetProperty("p"), ChiSquare.OneSample(reference, current).PValue);
        StatisticsGoldenTests.CheckShares(
            expected.GetProperty("evidently_binning"),
            (Divergence.Shares(reference), Divergence.Shares(current))
        );
    }

    // What the profile promises of a column too large to be kept: the distance short by no more than a knot's share, PSI exact, the rest
    // close.
    private static void CheckProfile(JsonElement expected, double[] reference, double[] current)
    {
        var profile = NumericReference.OfSorted(FiniteValues.Sorted(reference), new ReferenceProfileOptions());
        var counts = new NumericCounts(profile.Counts.Knots);
        foreach (var value in current)
        {
            counts.Add(value);
        }

        var numbers = NumericComparison.OfCounts(profile, counts, Moments.Of(current), current.Min(), current.Max());
        var exact = expected.GetProperty("ks").GetProperty("statistic").GetDouble();
        Assert.InRange(numbers.KsDistance().D, exact - (1.0 / 1999), exact + 1e-12);
        var (left, right) = numbers.DecileShares();
        DriftGolden.Near(expected.GetProperty("quantile10").GetProperty("psi"), Divergence.Psi(left, right));
        var normed = expected.GetProperty("wasserstein").GetProperty("normed").GetDouble();

        // A Pareto distribution has no mean: most of its distance lies beyond the last quantiles, where the functions cross.
        Assert.Equal(normed, numbers.NormedWasserstein(), reference.Max() > 100 ? 0.3 * normed : 1e-4 + (0.01 * normed));
    }

    private static double[] Normalish(ulong seed, int rows) =>
        Column(
            rows,
            k =>
            {
                var sum = Uniform(seed, 12 * k);
                for (var i = 1; i < 12; i++)
                {
                    sum += Uniform(seed, (12 * k) + i);
                }

                return sum - 6;
            }
        );

    private static double[] Column(int rows, Func<long, double> value)
    {
        var values = new double[rows];
        for (var i = 0; i < rows; i++)
        {
            values[i] = value(i);
        }

        return values;
    }

    private static double Uniform(ulong seed, long i)
    {
        unchecked
        {
            var z = seed + ((ulong)(i + 1) * 0x9E3779B97F4A7C15);
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            return ((z ^ (z >> 31)) >> 11) * (1.0 / (1L << 53));
        }
    }

    private static string Digest(double[] values) => Convert.ToHexStringLower(SHA256.HashData(MemoryMarshal.AsBytes(values.AsSpan())));
}
