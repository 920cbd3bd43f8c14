using Serverless.Core;

namespace Serverless.Monitoring.Significance;

/// <summary>
/// How sure a metric of some rows is: the percentile interval of the bootstrap (Efron, 1979). Equal input gives an equal interval.
/// </summary>
public static class MetricInterval
{
    private const int Replicates = 400;
    private const double Level = 0.95;

    // Beyond this an interval gets no better, only slower.
    private const int MostRows = 20_000;

    /// <param name="labels">The true values.</param>
    /// <param name="scores">The model's scores of the same rows.</param>
    /// <param name="metric">Any metric.</param>
    /// <returns>Null if most draws leave the metric undefined, as those without a positive row do.</returns>
    public static ConfidenceInterval? Of(double[] labels, double[] scores, MetricFunction metric)
    {
        ArgumentNullException.ThrowIfNull(labels);
        ArgumentNullException.ThrowIfNull(scores);
        ArgumentNullException.ThrowIfNull(metric);
        if (labels.Length > MostRows)
        {
            (labels, scores) = (labels[^MostRows..], scores[^MostRows..]);
        }

        var random = new StableRandom(labels.Length);
        var (drawnLabels, drawnScores) = (new double[labels.Length], new double[labels.Length]);
        var values = new List<double>(Replicates);
        for (var replicate = 0; labels.Length > 0 && replicate < Replicates; replicate++)
        {
            for (var i = 0; i < drawnLabels.Length; i++)
            {
                var row = random.NextInt(labels.Length);
                (drawnLabels[i], drawnScores[i]) = (labels[row], scores[row]);
            }

            var value = metric(drawnLabels, drawnScores);
            if (double.IsFinite(value))
            {
                values.Add(value);
            }
        }

        if (values.Count < Replicates / 2)
        {
            return null;
        }

        values.Sort();
        return new ConfidenceInterval(At(values, (1 - Level) / 2), At(values, (1 + Level) / 2), Level);
    }

    private static double At(List<double> sorted, double share) => sorted[(int)Math.Round(share * (sorted.Count - 1))];
}
