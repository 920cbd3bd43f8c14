namespace Serverless.Monitoring.Performance;

/// <summary>
/// How well scores tell positive rows (label 1) from negative ones (label 0). A metric that is undefined is NaN, never 0:
/// see each. If any label or score is NaN, every metric is, so that a model that fails on some rows cannot look good on the others.
/// </summary>
public sealed record BinaryMetrics
{
    // The usual bound, scikit-learn's until 1.3. It keeps the loss of one row below 35.
    private const double SmallestProbability = 1e-15;

    public required long Count { get; init; }

    /// <summary>
    /// Gets the threshold. A score above it is a positive prediction; one equal to it is not, as in scikit-learn and ML.NET.
    /// </summary>
    public required double Threshold { get; init; }

    /// <summary>Gets the counts; all zero if any label or score is NaN.</summary>
    public required ConfusionMatrix Confusion { get; init; }

    public double Accuracy => Confusion.Accuracy;

    /// <summary>
    /// The area under the ROC curve: the chance that a positive row scores above a negative one, ties count half; NaN unless there are
    /// both.
    /// </summary>
    public required double Auc { get; init; }

    public double F1 => Confusion.F1;

    /// <summary>
    /// Mean negative log-likelihood in nats, with probabilities kept 1e-15 away from 0 and 1; NaN if a score is no probability.
    /// </summary>
    public required double LogLoss { get; init; }

    public double Precision => Confusion.Precision;

    public double Recall => Confusion.Recall;

    public double PositiveRate => Confusion.PositiveRate;

    public double Prevalence => Confusion.Prevalence;

    /// <param name="labels">The labels, 0 or 1.</param>
    /// <param name="scores">The scores. Higher means more likely positive; probabilities for the log loss.</param>
    /// <param name="threshold">A score above this is a positive prediction. Default: 0.5.</param>
    public static BinaryMetrics Of(ReadOnlySpan<double> labels, ReadOnlySpan<double> scores, double threshold = 0.5)
    {
        MetricInput.CheckBinary(labels, scores, "scores");
        var isComplete = !MetricInput.HasNaN(labels) && !MetricInput.HasNaN(scores);
        return new BinaryMetrics
        {
            Count = labels.Length,
            Threshold = threshold,
            Confusion = isComplete ? ConfusionMatrix.Of(labels, scores, threshold) : new ConfusionMatrix(0, 0, 0, 0),
            Auc = AucOf(labels, scores),
            LogLoss = LogLossOf(labels, scores),
        };
    }

    /// <summary>Returns the metrics by name: accuracy, auc, f1, log_loss, precision, recall, positive_rate.</summary>
    public IReadOnlyDictionary<string, double> ToDictionary() =>
        new Dictionary<string, double>
        {
            ["accuracy"] = Accuracy,
            ["auc"] = Auc,
            ["f1"] = F1,
            ["log_loss"] = LogLoss,
            ["precision"] = Precision,
            ["recall"] = Recall,
            ["positive_rate"] = PositiveRate,
        };

    // The Mann-Whitney statistic over the product of the counts (Hanley and McNeil, 1982).
    internal static double AucOf(ReadOnlySpan<double> labels, ReadOnlySpan<double> scores)
    {
        if (MetricInput.HasNaN(labels) || MetricInput.HasNaN(scores))
        {
            return double.NaN;
        }

        var ranks = Midranks.Of(scores);
        double positives = 0,
            rankSum = 0;
        for (var i = 0; i < ranks.Length; i++)
        {
            if (labels[i] == 1)
            {
                positives++;
                rankSum += ranks[i];
            }
        }

        var negatives = labels.Length - positives;
        return positives == 0 || negatives == 0 ? double.NaN : (rankSum - (positives * (positives + 1) / 2)) / (positives * negatives);
    }

    internal static double LogLossOf(ReadOnlySpan<double> labels, ReadOnlySpan<double> scores)
    {
        var sum = 0.0;
        for (var i = 0; i < labels.Length; i++)
        {
            if (!(scores[i] >= 0 && scores[i] <= 1) || double.IsNaN(labels[i]))
            {
                return double.NaN;
            }

            var probability = labels[i] == 1 ? scores[i] : 1 - scores[i];
            sum -= Math.Log(Math.Clamp(probability, SmallestProbability, 1 - SmallestProbability));
        }

        return labels.IsEmpty ? double.NaN : sum / labels.Length;
    }
}
