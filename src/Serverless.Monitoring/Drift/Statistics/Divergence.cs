namespace Serverless.Monitoring.Drift.Statistics;

/// <summary>
/// How far apart two discrete distributions are, given as shares over the same bins or categories. Where a formula divides by a share or
/// takes its logarithm, shares of zero are first filled as Evidently does: see <see cref="FillZeros"/>.
/// </summary>
public static class Divergence
{
    /// <summary>The population stability index: Σ (p - q)·ln(p/q) over filled shares.</summary>
    public static double Psi(ReadOnlySpan<double> reference, ReadOnlySpan<double> current)
    {
        var (p, q) = (FillZeros(reference), FillZeros(current));
        var sum = 0.0;
        for (var i = 0; i < p.Length; i++)
        {
            sum += (p[i] - q[i]) * Math.Log(p[i] / q[i]);
        }

        return sum;
    }

    /// <summary>
    /// Kullback and Leibler's divergence of the reference from the current data, Σ p·ln(p/q), over shares filled and then scaled to a sum
    /// of one.
    /// </summary>
    public static double KullbackLeibler(ReadOnlySpan<double> reference, ReadOnlySpan<double> current)
    {
        var (p, q) = (FillZeros(reference), FillZeros(current));
        var (ofP, ofQ) = (Sum(p), Sum(q));
        var sum = 0.0;
        for (var i = 0; i < p.Length; i++)
        {
            sum += p[i] / ofP * Math.Log(p[i] / ofP / (q[i] / ofQ));
        }

        return sum;
    }

    /// <summary>
    /// The Jensen-Shannon distance: the root of the mean divergence of both from their middle. With natural logarithms, so at most
    /// √ln 2 = 0.83; divide by that for the form with base 2.
    /// </summary>
    public static double JensenShannon(ReadOnlySpan<double> reference, ReadOnlySpan<double> current)
    {
        var (ofP, ofQ) = (Sum(reference), Sum(current));
        var sum = 0.0;
        for (var i = 0; i < reference.Length; i++)
        {
            var (p, q) = (reference[i] / ofP, current[i] / ofQ);
            var middle = (p + q) / 2;
            sum += (p > 0 ? p * Math.Log(p / middle) : 0) + (q > 0 ? q * Math.Log(q / middle) : 0);
        }

        return Math.Sqrt(Math.Max(0, sum / 2));
    }

    /// <summary>Hellinger's distance, √(1 - Σ √(p·q)), 0 to 1.</summary>
    public static double Hellinger(ReadOnlySpan<double> reference, ReadOnlySpan<double> current)
    {
        var sum = 0.0;
        for (var i = 0; i < reference.Length; i++)
        {
            sum += Math.Sqrt(reference[i] * current[i]);
        }

        return Math.Sqrt(Math.Max(0, 1 - sum));
    }

    /// <summary>The total variation distance, ½ Σ |p - q|: the share of values that would have to change.</summary>
    public static double TotalVariation(ReadOnlySpan<double> reference, ReadOnlySpan<double> current)
    {
        var sum = 0.0;
        for (var i = 0; i < reference.Length; i++)
        {
            sum += Math.Abs(reference[i] - current[i]);
        }

        return sum / 2;
    }

    /// <summary>Counts as shares of their sum; of nothing, zeros.</summary>
    public static double[] Shares(ReadOnlySpan<long> counts)
    {
        var total = 0L;
        foreach (var count in counts)
        {
            total += count;
        }

        var shares = new double[counts.Length];
        for (var i = 0; i < shares.Length && total > 0; i++)
        {
            shares[i] = (double)counts[i] / total;
        }

        return shares;
    }

    /// <summary>
    /// The shares with every zero replaced, without scaling them again: by 0.0001, or by a millionth of the smallest share above
    /// zero if that is 0.0001 or less (Evidently's <c>get_binned_data</c>).
    /// </summary>
    public static double[] FillZeros(ReadOnlySpan<double> shares)
    {
        const double small = 0.0001;
        var filled = shares.ToArray();
        var smallest = double.PositiveInfinity;
        foreach (var share in shares)
        {
            smallest = share != 0 && share < smallest ? share : smallest;
        }

        for (var i = 0; i < filled.Length; i++)
        {
            filled[i] =
                filled[i] != 0 ? filled[i]
                : smallest <= small ? smallest / 1e6
                : small;
        }

        return filled;
    }

    private static double Sum(ReadOnlySpan<double> values)
    {
        var sum = 0.0;
        foreach (var value in values)
        {
            sum += value;
        }

        return sum;
    }
}
