using Serverless.Monitoring.Performance;

namespace Serverless.Monitoring.Significance;

/// <summary>
/// The test of DeLong, DeLong and Clarke-Pearson (1988) of two areas under the ROC curve on the same rows,
/// by the algorithm of Sun and Xu (2014): O(n log n) from midranks.
/// It is undefined (NaN) with fewer than two rows of a class, or if any score is NaN, or if the areas differ but neither has any variance.
/// </summary>
public sealed record DeLong
{
    private DeLong(double championAuc, double challengerAuc, double variance)
    {
        ChampionAuc = championAuc;
        ChallengerAuc = challengerAuc;
        Variance = variance;
    }

    public double ChampionAuc { get; }

    public double ChallengerAuc { get; }

    /// <summary>Challenger minus champion.</summary>
    public double Difference => ChallengerAuc - ChampionAuc;

    /// <summary>The estimated variance of the difference.</summary>
    public double Variance { get; }

    /// <summary>
    /// The difference in standard errors; approximately standard normal if the areas are equal. 0 if the rankings are the same.
    /// </summary>
    public double Z =>
        Variance > 0 ? Difference / Math.Sqrt(Variance)
        : Difference == 0 && Variance == 0 ? 0
        : double.NaN;

    /// <summary>The p-value that the challenger's area is larger.</summary>
    public double OneSidedP => StandardNormal.Above(Z);

    /// <summary>The p-value that the areas differ.</summary>
    public double TwoSidedP => StandardNormal.Outside(Z);

    /// <param name="labels">0 or 1.</param>
    /// <param name="champion">The champion's scores.</param>
    /// <param name="challenger">The challenger's scores.</param>
    public static DeLong Of(ReadOnlySpan<double> labels, ReadOnlySpan<double> champion, ReadOnlySpan<double> challenger)
    {
        MetricInput.CheckBinary(labels, champion, "champion scores");
        MetricInput.CheckLengths(labels, challenger, "challenger scores");
        if (MetricInput.HasNaN(labels) || MetricInput.HasNaN(champion) || MetricInput.HasNaN(challenger))
        {
            return new DeLong(double.NaN, double.NaN, double.NaN);
        }

        var first = Components.Of(labels, champion);
        var second = Components.Of(labels, challenger);
        var variance = VarianceOfDifference(first.Positives, second.Positives) + VarianceOfDifference(first.Negatives, second.Negatives);
        return new DeLong(first.Auc, second.Auc, variance);
    }

    /// <summary>A confidence interval for the difference, by the normal approximation.</summary>
    public ConfidenceInterval DifferenceInterval(double level)
    {
        var margin = StandardNormal.Quantile(0.5 + (level / 2)) * Math.Sqrt(Variance);
        return new ConfidenceInterval(Difference - margin, Difference + margin, level);
    }

    // What the covariance matrix of the two gives for their difference: the variance of the components' differences, over their number.
    private static double VarianceOfDifference(double[] first, double[] second)
    {
        if (first.Length < 2)
        {
            return double.NaN;
        }

        var mean = 0.0;
        for (var i = 0; i < first.Length; i++)
        {
            mean += second[i] - first[i];
        }

        mean /= first.Length;
        var squares = 0.0;
        for (var i = 0; i < first.Length; i++)
        {
            var deviation = second[i] - first[i] - mean;
            squares += deviation * deviation;
        }

        // Components are multiples of 1/2n: what is smaller than their squares by this much is rounding, and would make z huge.
        const double rounding = 1e-20;
        return squares < rounding ? 0 : squares / (first.Length - 1) / first.Length;
    }

    /// <summary>
    /// The structural components: for each positive row the share of negatives below it, for each negative the share of positives above it.
    /// </summary>
    private sealed record Components(double Auc, double[] Positives, double[] Negatives)
    {
        public static Components Of(ReadOnlySpan<double> labels, ReadOnlySpan<double> scores)
        {
            var positiveScores = Pick(labels, scores, 1);
            var negativeScores = Pick(labels, scores, 0);
            var ranks = Midranks.Of(scores);
            var positives = Pick(labels, ranks, 1);
            var negatives = Pick(labels, ranks, 0);
            var withinPositives = Midranks.Of(positiveScores);
            var withinNegatives = Midranks.Of(negativeScores);
            for (var i = 0; i < positives.Length; i++)
            {
                positives[i] = (positives[i] - withinPositives[i]) / negatives.Length;
            }

            for (var i = 0; i < negatives.Length; i++)
            {
                negatives[i] = 1 - ((negatives[i] - withinNegatives[i]) / positives.Length);
            }

            return new Components(BinaryMetrics.AucOf(labels, scores), positives, negatives);
        }

        private static double[] Pick(ReadOnlySpan<double> labels, ReadOnlySpan<double> values, double label)
        {
            var picked = new List<double>();
            for (var i = 0; i < labels.Length; i++)
            {
                if (labels[i] == label)
                {
                    picked.Add(values[i]);
                }
            }

            return [.. picked];
        }
    }
}
