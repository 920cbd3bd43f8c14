namespace Serverless.Monitoring.Drift.Statistics;

/// <summary>
/// Benjamini and Hochberg's correction (1995) for many tests: of the hypotheses rejected, the expected share of true ones
/// stays below alpha.
/// </summary>
public static class BenjaminiHochberg
{
    /// <summary>
    /// The adjusted p-values, in the order given: reject those that are at most alpha. NaN stays NaN and does not count as a test.
    /// </summary>
    public static double[] Adjust(IReadOnlyList<double> pValues)
    {
        ArgumentNullException.ThrowIfNull(pValues);
        var order = Enumerable.Range(0, pValues.Count).Where(i => !double.IsNaN(pValues[i])).OrderByDescending(i => pValues[i]).ToList();
        var adjusted = new double[pValues.Count];
        Array.Fill(adjusted, double.NaN);
        var smallest = 1.0;
        for (var rank = 0; rank < order.Count; rank++)
        {
            smallest = Math.Min(smallest, pValues[order[rank]] * order.Count / (order.Count - rank));
            adjusted[order[rank]] = smallest;
        }

        return adjusted;
    }
}
