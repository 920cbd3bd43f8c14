namespace Serverless.Monitoring.Drift.Statistics;

/// <summary>
/// Cramér's V of a two-row table with Bergsma's bias correction (2013): about 0 for two samples of one distribution, however many
/// categories.
/// </summary>
public static class CramersV
{
    public static double Corrected(ChiSquare test, long reference, long current)
    {
        ArgumentNullException.ThrowIfNull(test);
        double total = reference + current;
        if (test.DegreesOfFreedom < 1 || total < 3 || double.IsNaN(test.Statistic))
        {
            return 0;
        }

        var squared = Math.Max(0, (test.Statistic / total) - (test.DegreesOfFreedom / (total - 1)));
        var columns = test.DegreesOfFreedom + 1 - (test.DegreesOfFreedom * (double)test.DegreesOfFreedom / (total - 1));
        var rows = 2 - (1 / (total - 1));
        return Math.Min(1, Math.Sqrt(squared / Math.Min(rows - 1, Math.Max(columns - 1, 1e-9))));
    }

    /// <summary>
    /// The same, as it would be for two samples of one size. V shrinks as one sample outgrows the other, however far apart their
    /// distributions are, so only this form can be held against a bound.
    /// </summary>
    public static double Balanced(ChiSquare test, long reference, long current)
    {
        var total = (double)reference + current;
        return reference == 0 || current == 0
            ? 0
            : Math.Min(1, Corrected(test, reference, current) / (2 * Math.Sqrt(reference / total * (current / total))));
    }
}
