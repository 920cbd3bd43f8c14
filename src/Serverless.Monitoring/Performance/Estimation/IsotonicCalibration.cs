namespace Serverless.Monitoring.Performance.Estimation;

/// <summary>
/// Turns scores into probabilities by isotonic regression: the rising function of the score that fits the labels best in squares, found
/// by the pool-adjacent-violators algorithm (Ayer et al., 1955; Zadrozny and Elkan, 2002, for calibration). Between its knots it is linear,
/// outside of them it stays, as in scikit-learn.
/// </summary>
internal sealed class IsotonicCalibration
{
    private readonly double[] _scores;
    private readonly double[] _probabilities;

    private IsotonicCalibration(double[] scores, double[] probabilities)
    {
        _scores = scores;
        _probabilities = probabilities;
    }

    /// <param name="scores">In rising order.</param>
    /// <param name="labels">0 or 1, in the order of the scores.</param>
    /// <param name="weights">How often each row counts; empty for once each. Rows of weight 0 are left out.</param>
    public static IsotonicCalibration Fit(ReadOnlySpan<double> scores, ReadOnlySpan<double> labels, ReadOnlySpan<double> weights = default)
    {
        // Blocks on a stack: the scores they reach from and to, their weight, and the sum of their labels.
        var (from, to, weight, sum) = (
            new double[scores.Length],
            new double[scores.Length],
            new double[scores.Length],
            new double[scores.Length]
        );
        var count = 0;
        for (var i = 0; i < scores.Length; i++)
        {
            var rowWeight = weights.IsEmpty ? 1 : weights[i];
            if (rowWeight == 0)
            {
                continue;
            }

            if (count > 0 && to[count - 1] == scores[i] && from[count - 1] == scores[i])
            {
                // Rows of one score are one point.
                weight[count - 1] += rowWeight;
                sum[count - 1] += rowWeight * labels[i];
                continue;
            }

            Pool(from, to, weight, sum, ref count);
            (from[count], to[count], weight[count], sum[count]) = (scores[i], scores[i], rowWeight, rowWeight * labels[i]);
            count++;
        }

        Pool(from, to, weight, sum, ref count);
        var (knots, probabilities) = (new List<double>(2 * count), new List<double>(2 * count));
        for (var i = 0; i < count; i++)
        {
            knots.Add(from[i]);
            probabilities.Add(sum[i] / weight[i]);
            if (to[i] > from[i])
            {
                knots.Add(to[i]);
                probabilities.Add(sum[i] / weight[i]);
            }
        }

        return new IsotonicCalibration([.. knots], [.. probabilities]);
    }

    /// <summary>The probability of the positive class.</summary>
    public double Of(double score)
    {
        var at = Array.BinarySearch(_scores, score);
        return At(at >= 0 ? at : ~at, score);
    }

    /// <summary>The probabilities of scores in rising order.</summary>
    public void Of(ReadOnlySpan<double> sorted, Span<double> probabilities)
    {
        var above = 0;
        for (var i = 0; i < sorted.Length; i++)
        {
            while (above < _scores.Length && _scores[above] < sorted[i])
            {
                above++;
            }

            probabilities[i] = At(above, sorted[i]);
        }
    }

    /// <param name="above">The first knot that is not below the score.</param>
    private double At(int above, double score)
    {
        if (above == _scores.Length || above == 0 || _scores[above] == score)
        {
            return _probabilities[Math.Min(above, _scores.Length - 1)];
        }

        var share = (score - _scores[above - 1]) / (_scores[above] - _scores[above - 1]);
        return _probabilities[above - 1] + (share * (_probabilities[above] - _probabilities[above - 1]));
    }

    /// <summary>Joins the last blocks as long as one is not above the one before it.</summary>
    private static void Pool(double[] from, double[] to, double[] weight, double[] sum, ref int count)
    {
        while (count > 1 && sum[count - 2] * weight[count - 1] >= sum[count - 1] * weight[count - 2])
        {
            count--;
            to[count - 1] = to[count];
            weight[count - 1] += weight[count];
            sum[count - 1] += sum[count];
        }
    }
}
