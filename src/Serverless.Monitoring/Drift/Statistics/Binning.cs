namespace Serverless.Monitoring.Drift.Statistics;

internal static class Binning
{
    /// <summary>
    /// The edges of NumPy's <c>histogram_bin_edges(bins="sturges")</c>: ⌈log₂ n + 1⌉ bins of equal width from the least value to the
    /// largest.
    /// </summary>
    public static double[] Sturges(double min, double max, long count)
    {
        var bins = 1;
        var range = max - min;
        if (range > 0)
        {
            // As NumPy computes it: a width first, and the number of bins from that.
            var width = range / (Math.Log2(count) + 1);
            bins = double.IsFinite(range) && width > 0 ? (int)Math.Ceiling(range / width) : 1;
        }
        else
        {
            (min, max) = (min - 0.5, max + 0.5);
        }

        var edges = new double[bins + 1];
        var step = (max - min) / bins;
        for (var i = 0; i < bins; i++)
        {
            edges[i] = (i * step) + min;
        }

        edges[bins] = max;
        return edges;
    }
}
