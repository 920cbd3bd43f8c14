namespace Serverless.Monitoring.Drift.Statistics;

/// <summary>
/// P(D ≤ d) for large n: Kolmogorov's limit with three correction terms, in powers of 1/√n. Pelz and Good (1976),
/// "Approximating the lower tail-areas of the Kolmogorov-Smirnov one-sample statistic".
/// </summary>
internal static class PelzGood
{
    public static double Below(long n, double d)
    {
        var z = Math.Sqrt(n) * d;
        var (z2, pi2) = (z * z, Math.PI * Math.PI);
        var (z4, z6, z8, pi4, pi6) = (z2 * z2, z2 * z2 * z2, z2 * z2 * z2 * z2, pi2 * pi2, pi2 * pi2 * pi2);
        var (k0, k1, k2, k3) = (0.0, 0.0, 0.0, 0.0);
        var (even2, even3) = (0.0, 0.0);
        for (var k = (int)Math.Ceiling(16 * z / Math.PI); k >= 1; k--)
        {
            var odd = (2.0 * k) - 1;
            var (o2, o4, o6) = (odd * odd, odd * odd * odd * odd, odd * odd * odd * odd * odd * odd);
            var weight = Math.Exp(-pi2 * o2 / (8 * z2));
            k0 += weight;
            k1 += weight * ((pi2 / 4 * o2) - z2);
            k2 += weight * ((6 * z6) + (2 * z4) + (((2 * z4) - (5 * z2)) * pi2 / 4 * o2) + (pi4 * (1 - (2 * z2)) / 16 * o4));
            k3 +=
                weight
                * (
                    (-30 * z6)
                    - (90 * z8)
                    + (pi2 * ((135 * z4) - (96 * z6)) / 4 * o2)
                    + (pi4 * ((-60 * z2) + (212 * z4)) / 16 * o4)
                    + (pi6 * (5 - (30 * z2)) / 64 * o6)
                );

            double whole = (double)k * k;
            var wholeWeight = Math.Exp(-pi2 * whole / (2 * z2)) * whole;
            even2 += wholeWeight;
            even3 += wholeWeight * ((3 * z2) - (pi2 * whole));
        }

        var root = Math.Sqrt(2 * Math.PI);
        k0 *= root / z;
        k1 *= root / (6 * z4);
        k2 = (k2 * root / (72 * z6 * z)) - (even2 * pi2 * root / (36 * z2 * z));
        k3 = (k3 * root / (6480 * z8 * z2)) + (even3 * pi2 * root / (216 * z6));
        return k0 + (k1 / Math.Sqrt(n)) + (k2 / n) + (k3 / (n * Math.Sqrt(n)));
    }
}
