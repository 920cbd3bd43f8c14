namespace Serverless.Monitoring.Performance;

/// <summary>Rows by actual and predicted class.</summary>
public sealed record ConfusionMatrix(long TruePositives, long FalsePositives, long TrueNegatives, long FalseNegatives)
{
    public long Count => TruePositives + FalsePositives + TrueNegatives + FalseNegatives;

    /// <summary>Gets the share of correct predictions; NaN without rows.</summary>
    public double Accuracy => Ratio(TruePositives + TrueNegatives, Count);

    /// <summary>Gets the share of correct ones among positive predictions; NaN if there are none.</summary>
    public double Precision => Ratio(TruePositives, TruePositives + FalsePositives);

    /// <summary>Gets the share of positive rows that were predicted positive; NaN if there are none.</summary>
    public double Recall => Ratio(TruePositives, TruePositives + FalseNegatives);

    /// <summary>Gets 2 TP / (2 TP + FP + FN); NaN if no row is positive or predicted positive.</summary>
    public double F1 => Ratio(2 * TruePositives, (2 * TruePositives) + FalsePositives + FalseNegatives);

    /// <summary>Gets the share of rows predicted positive; NaN without rows.</summary>
    public double PositiveRate => Ratio(TruePositives + FalsePositives, Count);

    /// <summary>Gets the share of positive rows; NaN without rows.</summary>
    public double Prevalence => Ratio(TruePositives + FalseNegatives, Count);

    /// <summary>
    /// Counts labels of 0 and 1 against scores. A score above the threshold is a positive prediction; one equal to it is not.
    /// </summary>
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
