namespace Serverless.Monitoring.Significance;

/// <summary>
/// Holm's correction (1979) for several tests: the chance that any true null hypothesis is rejected stays below alpha,
/// however the tests depend on one another.
/// </summary>
public static class Holm
{
    /// <summary>
    /// The adjusted p-values, in the order given: reject those that are at most alpha. NaN stays NaN and still counts as a test.
    /// </summary>
    public static double[] Adjust(IReadOnlyList<double> pValues)
    {
        ArgumentNullException.ThrowIfNull(pValues);
        var adjusted = new double[pValues.Count];
        var largest = 0.0;
        var rank = 0;

        // NaN sorts first of all doubles, but a test that failed is evidence of nothing: it goes last.
        foreach (var index in Enumerable.Range(0, pValues.Count).OrderBy(i => double.IsNaN(pValues[i])).ThenBy(i => pValues[i]))
        {
            largest = Math.Max(largest, Math.Min(1, pValues[index] * (pValues.Count - rank++)));
            adjusted[index] = double.IsNaN(pValues[index]) ? double.NaN : largest;
        }

        return adjusted;
    }
}
