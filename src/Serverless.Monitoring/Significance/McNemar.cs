using MathNet.Numerics;
using Serverless.Monitoring.Performance;

namespace Serverless.Monitoring.Significance;

/// <summary>
/// McNemar's test (1947) of two classifiers on the same rows: of the rows that only one of them gets right,
/// is the share of the challenger's more than a half? The exact test is binomial; the others approximate it.
/// </summary>
public sealed record McNemar
{
    private McNemar(long championOnly, long challengerOnly)
    {
        ChampionOnlyCorrect = championOnly;
        ChallengerOnlyCorrect = challengerOnly;
    }

    /// <summary>Rows that the champion gets right and the challenger wrong.</summary>
    public long ChampionOnlyCorrect { get; }

    /// <summary>Rows that the challenger gets right and the champion wrong.</summary>
    public long ChallengerOnlyCorrect { get; }

    /// <summary>The exact test's p-value that the challenger is better: P(X ≥ challenger only), X ~ Binomial(discordant, 1/2).</summary>
    public double OneSidedP => Discordant == 0 ? 1 : AtMost(ChampionOnlyCorrect);

    /// <summary>The exact test's p-value that they differ.</summary>
    public double TwoSidedP => Discordant == 0 ? 1 : Math.Min(1, 2 * AtMost(Fewer));

    /// <summary>The two-sided p-value that counts the observed table by half (Fagerland, Lydersen and Laake, 2013).</summary>
    public double MidP => Discordant == 0 ? 1 : Math.Min(1, (2 * AtMost(Fewer)) - Exactly(Fewer));

    /// <summary>(b - c)² / (b + c), approximately chi-squared with one degree of freedom; 0 if the two never differ.</summary>
    public double ChiSquared => Discordant == 0 ? 0 : Square(Math.Abs(Gap)) / Discordant;

    public double ChiSquaredP => StandardNormal.Outside(Math.Sqrt(ChiSquared));

    /// <summary>Chi-squared with Edwards's correction of continuity, (|b - c| - 1)² / (b + c).</summary>
    public double CorrectedChiSquared => Discordant == 0 ? 0 : Square(Math.Max(0, Math.Abs(Gap) - 1)) / Discordant;

    public double CorrectedChiSquaredP => StandardNormal.Outside(Math.Sqrt(CorrectedChiSquared));

    private long Discordant => ChampionOnlyCorrect + ChallengerOnlyCorrect;

    private long Fewer => Math.Min(ChampionOnlyCorrect, ChallengerOnlyCorrect);

    private double Gap => ChallengerOnlyCorrect - ChampionOnlyCorrect;

    /// <summary>From the two counts of rows that only one gets right.</summary>
    public static McNemar Of(long championOnlyCorrect, long challengerOnlyCorrect)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(championOnlyCorrect);
        ArgumentOutOfRangeException.ThrowIfNegative(challengerOnlyCorrect);
        return new McNemar(championOnlyCorrect, challengerOnlyCorrect);
    }

    /// <summary>From labels of 0 and 1 and the two models' scores; a score above the threshold predicts 1.</summary>
    public static McNemar Of(
        ReadOnlySpan<double> labels,
        ReadOnlySpan<double> champion,
        ReadOnlySpan<double> challenger,
        double threshold = 0.5
    )
    {
        MetricInput.CheckBinary(labels, champion, "champion scores");
        MetricInput.CheckLengths(labels, challenger, "challenger scores");
        long championOnly = 0,
            challengerOnly = 0;
        for (var i = 0; i < labels.Length; i++)
        {
            var championIsRight = champion[i] > threshold == (labels[i] == 1);
            var challengerIsRight = challenger[i] > threshold == (labels[i] == 1);
            championOnly += championIsRight && !challengerIsRight ? 1 : 0;
            challengerOnly += challengerIsRight && !championIsRight ? 1 : 0;
        }

        return new McNemar(championOnly, challengerOnly);
    }

    /// <summary>
    /// A confidence interval for the difference of the accuracies, challenger minus champion, over all rows
    /// (Bonett and Price, 2012: Wald's interval after adding one row to each discordant cell).
    /// </summary>
    public ConfidenceInterval DifferenceInterval(long rowCount, double level)
    {
        var total = rowCount + 2.0;
        var better = (ChallengerOnlyCorrect + 1) / total;
        var worse = (ChampionOnlyCorrect + 1) / total;
        var center = better - worse;
        var margin = StandardNormal.Quantile(0.5 + (level / 2)) * Math.Sqrt((better + worse - (center * center)) / total);
        return new ConfidenceInterval(Math.Max(-1, center - margin), Math.Min(1, center + margin), level);
    }

    private static double Square(double value) => value * value;

    // P(X ≤ k), X ~ Binomial(n, 1/2), as the regularized incomplete beta function.
    private double AtMost(long k) => k >= Discordant ? 1 : SpecialFunctions.BetaRegularized(Discordant - k, k + 1, 0.5);

    private double Exactly(long k) =>
        Math.Exp(
            SpecialFunctions.GammaLn(Discordant + 1.0)
                - SpecialFunctions.GammaLn(k + 1.0)
                - SpecialFunctions.GammaLn(Discordant - k + 1.0)
                - (Discordant * Constants.Ln2)
        );
}
