namespace Serverless.Monitoring;

/// <summary>
/// Quantiles by linear interpolation between order statistics: type 7 of Hyndman and Fan (1996), the default of NumPy and R.
/// </summary>
internal static class Quantile
{
    /// <param name="sorted">Values in rising order.</param>
    /// <param name="probability">In [0, 1].</param>
    /// <returns>NaN if there are no values.</returns>
    public static double Of(ReadOnlySpan<double> sorted, double probability)
    {
        if (sorted.IsEmpty)
        {
            return double.NaN;
        }

        var position = probability * (sorted.Length - 1);
        var below = (int)Math.Floor(position);
        var above = Math.Min(below + 1, sorted.Length - 1);
        var share = position - below;

        // From the nearer neighbour, as NumPy does it: equal neighbours then give exactly their value.
        var difference = sorted[above] - sorted[below];
        if (double.IsInfinity(difference))
        {
            return ((1 - share) * sorted[below]) + (share * sorted[above]);
        }

        return share < 0.5 ? sorted[below] + (difference * share) : sorted[above] - (difference * (1 - share));
    }
}
