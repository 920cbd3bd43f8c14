namespace Serverless.Monitoring.Performance.Estimation;

/// <summary>
/// Metrics out of probabilities instead of labels: a label is a probability of 0 or 1, and then they are the plain metrics.
/// </summary>
internal readonly record struct ExpectedMetrics(
    double TruePositives,
    double FalsePositives,
    double TrueNegatives,
    double FalseNegatives,
    double Auc
)
{
    public double Accuracy => Ratio(TruePositives + TrueNegatives, TruePositives + FalsePositives + TrueNegatives + FalseNegatives);

    /// <summary>The ratios below are of expected counts, as NannyML takes them; a ratio's expectation would differ by O(1/n).</summary>
    public double F1 => Ratio(2 * TruePositives, (2 * TruePositives) + FalsePositives + FalseNegatives);

    public double Precision => Ratio(TruePositives, TruePositives + FalsePositives);

    public double Recall => Ratio(TruePositives, TruePositives + FalseNegatives);

    /// <param name="scores">In rising order.</param>
    /// <param name="probabilities">That each row is positive, in the order of the scores.</param>
    public static ExpectedMetrics Of(ReadOnlySpan<double> scores, ReadOnlySpan<double> probabilities, double threshold)
    {
        double truePositives = 0,
            falsePositives = 0,
            trueNegatives = 0,
            falseNegatives = 0;
        for (var i = 0; i < scores.Length; i++)
        {
            var p = probabilities[i];
            if (scores[i] > threshold)
            {
                truePositives += p;
                falsePositives += 1 - p;
            }
            else
            {
                falseNegatives += p;
                trueNegatives += 1 - p;
            }
        }

        return new ExpectedMetrics(truePositives, falsePositives, trueNegatives, falseNegatives, AucOf(scores, probabilities));
    }

    /// <summary>
    /// The expected number of pairs of a positive and a negative row in which the positive one scores higher, ties a half, over the
    /// expected number of such pairs. A row makes no pair with itself, which an area under a curve of expected rates would count.
    /// </summary>
    private static double AucOf(ReadOnlySpan<double> scores, ReadOnlySpan<double> probabilities)
    {
        double ordered = 0,
            negativesBelow = 0,
            positives = 0,
            own = 0;
        for (var start = 0; start < scores.Length; )
        {
            double groupPositives = 0,
                groupNegatives = 0,
                groupOwn = 0;
            var end = start;
            for (; end < scores.Length && scores[end] == scores[start]; end++)
            {
                groupPositives += probabilities[end];
                groupNegatives += 1 - probabilities[end];
                groupOwn += probabilities[end] * (1 - probabilities[end]);
            }

            ordered += (groupPositives * negativesBelow) + (0.5 * ((groupPositives * groupNegatives) - groupOwn));
            negativesBelow += groupNegatives;
            positives += groupPositives;
            own += groupOwn;
            start = end;
        }

        return Ratio(ordered, (positives * negativesBelow) - own);
    }

    private static double Ratio(double part, double whole) => whole <= 0 ? double.NaN : part / whole;
}
