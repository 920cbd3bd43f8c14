namespace Serverless.Monitoring.Performance;

/// <summary>Rows by what they are and what they were predicted to be.</summary>
public sealed record ConfusionMatrix(long TruePositives, long FalsePositives, long TrueNegatives, long FalseNegatives)
{
    public long Count => TruePositives + FalsePositives + TrueNegatives + FalseNegatives;

    /// <summary>The share of rows predicted right; NaN without rows.</summary>
    public double Accuracy => Ratio(TruePositives + TrueNegatives, Count);

    /// <summary>Right ones among those predicted positive; NaN if none was.</summary>
    public double Precision => Ratio(TruePositives, TruePositives + FalsePositives);

    /// <summary>Those found among the positive; NaN if there is none.</summary>
    public double Recall => Ratio(TruePositives, TruePositives + FalseNegatives);

    /// <summary>2 TP / (2 TP + FP + FN); NaN if no row is positive or predicted so.</summary>
    public double F1 => Ratio(2 * TruePositives, (2 * TruePositives) + FalsePositives + FalseNegatives);

    /// <summary>The share of rows predicted positive; NaN without rows.</summary>
    public double PositiveRate => Ratio(TruePositives + FalsePositives, Count);

    /// <summary>The share of rows that are positive; NaN without rows.</summary>
    public double Prevalence => Ratio(TruePositives + FalseNegatives, Count);

    /// <summary>Counts labels of 0 and 1 against scores; a score above the threshold is a positive prediction, one at it is not.</summary>
    internal static ConfusionMatrix Of(ReadOnlySpan<double> labels, ReadOnlySpan<double> scores, double threshold)
    {
        long truePositives = 0,
            falsePositives = 0,
            positives = 0;
        for (var i = 0; i < labels.Length; i++)
        {
            var isPositive = labels[i] == 1;
            positives += isPositive ? 1 : 0;
            if (scores[i] > threshold)
            {
                truePositives += isPositive ? 1 : 0;
                falsePositives += isPositive ? 0 : 1;
            }
        }

        return new ConfusionMatrix(truePositives, falsePositives, labels.Length - positives - falsePositives, positives - truePositives);
    }

    private static double Ratio(long part, long whole) => whole == 0 ? double.NaN : (double)part / whole;
}
