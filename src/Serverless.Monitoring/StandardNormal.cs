using MathNet.Numerics;
using MathNet.Numerics.Distributions;

namespace Serverless.Monitoring;

/// <summary>The standard normal distribution, exact in its tails.</summary>
internal static class StandardNormal
{
    /// <summary>P(Z &gt; z). One minus the distribution function would lose all digits for a large z.</summary>
    public static double Above(double z) => 0.5 * SpecialFunctions.Erfc(z / Math.Sqrt(2));

    /// <summary>P(|Z| &gt; |z|).</summary>
    public static double Outside(double z) => SpecialFunctions.Erfc(Math.Abs(z) / Math.Sqrt(2));

    /// <summary>The value that Z stays below with the given probability.</summary>
    public static double Quantile(double probability) => Normal.InvCDF(0, 1, probability);
}
