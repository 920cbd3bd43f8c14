using MathNet.Numerics;

namespace Serverless.Monitoring.Drift.Statistics;

/// <summary>
/// How likely a Kolmogorov distance at least as large is: of a sample of n from a known distribution (SciPy's kstwo), and in the limit of
/// many. Which formula serves where: Simard and L'Ecuyer (2011), "Computing the two-sided Kolmogorov-Smirnov distribution".
/// </summary>
internal static class KolmogorovDistribution
{
    /// <summary>P(D ≥ d) for a sample of n values.</summary>
    public static double Above(long n, double d)
    {
        if (n <= 0 || double.IsNaN(d))
        {
            return double.NaN;
        }

        var t = n * d;
        if (d >= 1 || t <= 0.5)
        {
            return d >= 1 ? 0 : 1;
        }

        if (t <= 1)
        {
            // Ruben and Gambino (1982): n! (2d - 1/n)^n, here with the powers of n kept in the logarithm.
            return 1 - Math.Exp(SpecialFunctions.GammaLn(n + 1) + (n * (Math.Log((2 * t) - 1) - Math.Log(n))));
        }

        if (t >= n - 1)
        {
            return 2 * Math.Pow(1 - d, n);
        }

        var square = t * d;
        if (d >= 0.5 || square >= (n <= 140 ? 4 : 2.2))
        {
            // Two one-sided distances: that both are so large is too rare to count (Miller, 1956).
            return square >= 370 ? 0 : Math.Min(1, 2 * OneSidedAbove(n, d));
        }

        var below = n <= 140 || (n <= 100_000 && n * Math.Pow(d, 1.5) <= 1.4) ? DurbinMatrix.Below((int)n, d) : PelzGood.Below(n, d);
        return Math.Clamp(1 - below, 0, 1);
    }

    /// <summary>P(√n·D ≥ z) for n towards infinity: Kolmogorov (1933).</summary>
    public static double LimitAbove(double z)
    {
        if (double.IsNaN(z) || z <= 0)
        {
            return double.IsNaN(z) ? z : 1;
        }

        var sum = 0.0;
        if (z < 1)
        {
            // The same series turned by Jacobi's theta transformation, which converges fast where the other one does not.
            for (var k = 1; k <= 9; k += 2)
            {
                sum += Math.Exp(-k * k * Math.PI * Math.PI / (8 * z * z));
            }

            return 1 - (Math.Sqrt(2 * Math.PI) / z * sum);
        }

        for (var k = 1; k <= 10; k++)
        {
            sum += (k % 2 == 1 ? 2 : -2) * Math.Exp(-2.0 * k * k * z * z);
        }

        return sum;
    }

    /// <summary>
    /// P(D⁺ ≥ d): Birnbaum and Tingey (1951), a sum over where the distance is first reached. All its terms are positive.
    /// </summary>
    internal static double OneSidedAbove(long n, double d)
    {
        // As a function of v the terms are smooth and vanish at both ends with all their derivatives, so for large n
        // every so-manieth of them, times the stride, is the sum to all digits that matter (the trapezoidal rule's case).
        const int terms = 4096;
        var last = (long)Math.Floor(n * (1 - d));
        var stride = Math.Max(1, n / terms);
        var logFactorial = SpecialFunctions.GammaLn(n + 1);
        var sum = 0.0;
        for (long v = 0; v <= last; v += stride)
        {
            var (reached, left) = (d + ((double)v / n), 1 - d - ((double)v / n));
            if (left > 0)
            {
                sum += Math.Exp(
                    logFactorial
                        - SpecialFunctions.GammaLn(v + 1)
                        - SpecialFunctions.GammaLn(n - v + 1)
                        + ((v - 1) * Math.Log(reached))
                        + ((n - v) * Math.Log(left))
                );
            }
        }

        return Math.Min(1, d * sum * stride);
    }
}
