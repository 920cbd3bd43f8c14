using System.Text.Json;
using Serverless.Monitoring.Drift.Profiles;
using Serverless.Monitoring.Drift.Statistics;

namespace Serverless.Monitoring.Tests.Drift;

/// <summary>Every statistic against SciPy's.</summary>
public sealed class StatisticsGoldenTests
{
    [Theory]
    [MemberData(nameof(DriftGolden.Numeric), MemberType = typeof(DriftGolden))]
    public async Task Kolmogorov_Smirnov(string name)
    {
        var golden = await DriftGolden.ReadAsync(name);
        var expected = golden.Expected.GetProperty("ks");
        var test = KolmogorovSmirnov.Of(golden.Reference.Numbers, golden.Current.Numbers);
        var (m, n) = (Size(golden, "reference"), Size(golden, "current"));

        DriftGolden.Near(expected.GetProperty("statistic"), test.Statistic);
        DriftGolden.Near(expected.GetProperty("p_auto"), test.PValue);
        DriftGolden.Near(expected.GetProperty("p_exact"), KolmogorovSmirnov.Exact(test.Statistic, m, n));
        DriftGolden.Near(expected.GetProperty("p_asymp_kstwo_round_en"), KolmogorovSmirnov.Asymptotic(test.Statistic, m, n));
        DriftGolden.Near(expected.GetProperty("p_kolmogorov_limit"), KolmogorovSmirnov.Limit(test.Statistic, m, n));
    }

    [Theory]
    [MemberData(nameof(DriftGolden.Numeric), MemberType = typeof(DriftGolden))]
    public async Task Wassersteins_distance(string name)
    {
        var golden = await DriftGolden.ReadAsync(name);
        var expected = golden.Expected.GetProperty("wasserstein");

        DriftGolden.Near(expected.GetProperty("distance"), Wasserstein.Distance(golden.Reference.Numbers, golden.Current.Numbers));
        DriftGolden.Near(expected.GetProperty("normed"), Wasserstein.Normed(golden.Reference.Numbers, golden.Current.Numbers));
    }

    [Theory]
    [MemberData(nameof(DriftGolden.Numeric), MemberType = typeof(DriftGolden))]
    public async Task Distances_over_bins(string name)
    {
        var golden = await DriftGolden.ReadAsync(name);
        var profile = NumericReference.OfSorted(FiniteValues.Sorted(golden.Reference.Numbers), new ReferenceProfileOptions());
        var exact = NumericReference.OfSorted(
            FiniteValues.Sorted(golden.Reference.Numbers),
            new ReferenceProfileOptions { ExactValues = int.MaxValue }
        );
        var current = FiniteValues.Sorted(golden.Current.Numbers);

        CheckShares(golden.Expected.GetProperty("quantile10"), NumericComparison.OfSorted(profile, current).DecileShares());
        CheckShares(golden.Expected.GetProperty("evidently_binning"), NumericComparison.OfSorted(exact, current).EvidentlyShares());
    }

    [Theory]
    [MemberData(nameof(DriftGolden.Categorical), MemberType = typeof(DriftGolden))]
    public async Task Categories(string name)
    {
        var golden = await DriftGolden.ReadAsync(name);
        var counts = Compare(golden);

        CheckShares(golden.Expected.GetProperty("evidently_binning"), counts.Shares());
        CheckTest("chisquare_evidently_gof", ChiSquare.OneSample(counts.Reference, counts.Current));
        CheckTest("chisquare_two_sample", ChiSquare.TwoSample(counts.Reference, counts.Current));
        if (golden.Expected.TryGetProperty("z_test", out var expected))
        {
            var test = ProportionTest.Z(counts.Reference[0], counts.ReferenceCount, counts.Current[0], counts.CurrentCount);
            Assert.Equal(Math.Abs(expected.GetProperty("z").GetDouble()), Math.Abs(test.Statistic), 1e-9);
            DriftGolden.Near(expected.GetProperty("p"), test.PValue);
        }

        void CheckTest(string form, ChiSquare actual)
        {
            if (golden.Expected.TryGetProperty(form, out var wanted))
            {
                DriftGolden.Near(wanted.GetProperty("statistic"), actual.Statistic);
                DriftGolden.Near(wanted.GetProperty("p"), actual.PValue);
                Assert.Equal(wanted.GetProperty("df").GetInt32(), actual.DegreesOfFreedom);
            }
        }
    }

    internal static CategoryComparison Compare(DriftGolden golden)
    {
        var (reference, current) = (new CategoryCounter(), new CategoryCounter());
        reference.Add(golden.Reference);
        current.Add(golden.Current);
        return new CategoryComparison(CategoryReference.Of(reference.Take(), int.MaxValue), current.Take());
    }

    internal static void CheckShares(JsonElement expected, (double[] Reference, double[] Current) shares)
    {
        DriftGolden.Near(expected.GetProperty("psi"), Divergence.Psi(shares.Reference, shares.Current));
        DriftGolden.Near(expected.GetProperty("jensen_shannon_ln"), Divergence.JensenShannon(shares.Reference, shares.Current));
        DriftGolden.Near(expected.GetProperty("kl_ref_cur"), Divergence.KullbackLeibler(shares.Reference, shares.Current));
        DriftGolden.Near(expected.GetProperty("hellinger_bc"), Divergence.Hellinger(shares.Reference, shares.Current));
        DriftGolden.Near(expected.GetProperty("tvd"), Divergence.TotalVariation(shares.Reference, shares.Current));
    }

    private static int Size(DriftGolden golden, string side) => golden.Expected.GetProperty(side).GetProperty("n").GetInt32();
}
