namespace Serverless.Monitoring.Drift.Statistics;

/// <summary>
/// The exact chance of a two-sample Kolmogorov-Smirnov distance at least as large, by counting lattice paths: a path that goes
/// right for a value of the one sample and up for one of the other leaves a band around the diagonal. Hodges (1957), "The significance
/// probability of the Smirnov two-sample test". With ties it is an upper bound.
/// </summary>
internal static class KsExact
{
    /// <param name="d">The distance.</param>
    /// <param name="first">The size of one sample.</param>
    /// <param name="second">The size of the other.</param>
    public static double Above(double d, long first, long second)
    {
        var divisor = GreatestCommonDivisor(first, second);
        var steps = (long)Math.Round(d * (first / divisor) * second);
        return steps == 0 ? 1
            : first == second ? Equal(first, steps)
            : Unequal(first, second, divisor, steps);
    }

    /// <summary>How many steps the counting takes, roughly; it is quick for samples of one size.</summary>
    public static double Work(double d, long first, long second) => first == second ? first : Math.Min(1, 2 * d) * first * second;

    // 2·(C(2n, n-h) - C(2n, n-2h) + …) / C(2n, n), factored so that nothing cancels (Gnedenko and Korolyuk, 1951).
    private static double Equal(long n, long h)
    {
        var p = 0.0;
        for (var k = n / h; k >= 0; k--)
        {
            var factor = 1.0;
            for (var j = 0L; j < h; j++)
            {
                factor *= (double)(n - (k * h) - j) / (n + (k * h) + j + 1);
            }

            p = factor * (1 - p);
        }

        return Math.Min(1, 2 * p);
    }

    // The share of paths that have left the band by each point, row by row. Sums of positive terms only, so the smallest p is as exact as
    // 1.
    private static double Unequal(long first, long second, long divisor, long h)
    {
        var (m, n) = (Math.Max(first, second), Math.Min(first, second));
        var (mg, ng) = (m / divisor, n / divisor);
        var (low, high) = (0L, Math.Min(CeilingDivide(h, mg), n + 1));
        var row = new double[Math.Min((2 * high) + 2, n + 1)];
        row.AsSpan((int)high).Fill(1);
        var reciprocals = new double[m + n + 1];
        for (var i = 1; i < reciprocals.Length; i++)
        {
            reciprocals[i] = 1.0 / i;
        }

        for (var i = 1L; i <= m; i++)
        {
            var (lastLow, lastLength) = (low, high - low);
            low = Math.Min(Math.Max(FloorDivide((ng * i) - h, mg) + 1, 0), n);
            high = Math.Min(CeilingDivide((ng * i) + h, mg), n + 1);
            if (high <= low)
            {
                return 1;
            }

            var value = low == 0 ? 0.0 : 1.0;
            for (var j = low; j < high; j++)
            {
                var inverse = reciprocals[i + j];
                value = Math.FusedMultiplyAdd(value, j * inverse, row[j - lastLow] * (i * inverse));
                row[j - low] = value;
            }

            if (lastLength > high - low)
            {
                row.AsSpan((int)(high - low), (int)(lastLength - (high - low))).Fill(1);
            }
        }

        return Math.Min(1, row[high - low - 1]);
    }

    private static long FloorDivide(long value, long by) => (value / by) - (value % by < 0 ? 1 : 0);

    private static long CeilingDivide(long value, long by) => -FloorDivide(-value, by);

    private static long GreatestCommonDivisor(long a, long b) => b == 0 ? a : GreatestCommonDivisor(b, a % b);
}
