using Serverless.Monitoring.Performance;
using Serverless.Monitoring.Significance;

namespace Serverless.Monitoring.Tests.Significance;

/// <summary>Every value against SciPy's.</summary>
public sealed class GoldenTests
{
    private const double Exact = 1e-9;

    [Theory]
    [MemberData(nameof(Golden.Names), MemberType = typeof(Golden))]
    public async Task Metrics(string name)
    {
        var golden = await Golden.ReadAsync(name);
        var champion = BinaryMetrics.Of(golden.Labels, golden.Champion);
        var challenger = BinaryMetrics.Of(golden.Labels, golden.Challenger);

        Assert.Equal(golden["n"], champion.Count);
        Check("accuracy", champion.Accuracy, challenger.Accuracy);
        Check("auc", champion.Auc, challenger.Auc);
        Check("logloss", champion.LogLoss, challenger.LogLoss);
        Check("f1", champion.F1, challenger.F1);

        void Check(string metric, double first, double second)
        {
            Assert.Equal(golden[metric, 0], first, Exact);
            Assert.Equal(golden[metric, 1], second, Exact);
        }
    }

    [Theory]
    [MemberData(nameof(Golden.Names), MemberType = typeof(Golden))]
    public async Task McNemars_test(string name)
    {
        var golden = await Golden.ReadAsync(name);
        var test = McNemar.Of(golden.Labels, golden.Champion, golden.Challenger);

        Assert.Equal(golden["mcnemar", "champion_only_correct"], test.ChampionOnlyCorrect);
        Assert.Equal(golden["mcnemar", "challenger_only_correct"], test.ChallengerOnlyCorrect);
        Assert.Equal(golden["mcnemar", "exact_p"], test.TwoSidedP, Exact);
        Assert.Equal(golden["mcnemar", "mid_p"], test.MidP, Exact);
        Assert.Equal(golden["mcnemar", "chi2", 0], test.ChiSquared, Exact);
        Assert.Equal(golden["mcnemar", "chi2", 1], test.ChiSquaredP, Exact);
        Assert.Equal(golden["mcnemar", "chi2_cc", 0], test.CorrectedChiSquared, Exact);
        Assert.Equal(golden["mcnemar", "chi2_cc", 1], test.CorrectedChiSquaredP, Exact);
    }

    [Theory]
    [MemberData(nameof(Golden.Names), MemberType = typeof(Golden))]
    public async Task DeLongs_test(string name)
    {
        var golden = await Golden.ReadAsync(name);
        var test = DeLong.Of(golden.Labels, golden.Champion, golden.Challenger);

        Assert.Equal(golden["delong", "var_diff"], test.Variance, 1e-15);
        Assert.Equal(golden["delong", "z"], test.Z, Exact);
        Assert.Equal(golden["delong", "p_two_sided"], test.TwoSidedP, Exact);
        Assert.Equal(test.TwoSidedP / 2, test.Z > 0 ? test.OneSidedP : 1 - test.OneSidedP, Exact);
    }

    [Theory]
    [MemberData(nameof(Golden.Names), MemberType = typeof(Golden))]
    public async Task Paired_bootstrap(string name)
    {
        var golden = await Golden.ReadAsync(name);
        Check("accuracy", "accuracy");
        Check("auc", "auc");
        Check("log_loss", "neg_logloss");

        void Check(string metric, string reference)
        {
            var definition = MetricDefinition.Get(metric, ModelTask.BinaryClassification);
            var test = PairedBootstrap.Of(
                golden.Labels,
                golden.Champion,
                golden.Challenger,
                definition.Function(0.5),
                definition.HigherIsBetter
            );
            var expected = (string field) => golden["paired_bootstrap_B2000_seed0", reference, field];
            var standardError = expected("se");

            Assert.Equal(expected("delta"), test.Difference, Exact);
            Assert.InRange(test.StandardError / standardError, 0.9, 1.1);

            // A quantile at 2.5 % of 2,000 draws has a standard error of about 0.06 of the bootstrap's own; two of them differ by more.
            Assert.Equal(golden["paired_bootstrap_B2000_seed0", reference, "ci95", 0], test.Interval.Lower, 0.3 * standardError);
            Assert.Equal(golden["paired_bootstrap_B2000_seed0", reference, "ci95", 1], test.Interval.Upper, 0.3 * standardError);
            Assert.Equal(expected("p_one_sided_le0"), test.OneSidedP, 0.05);
        }
    }
}
