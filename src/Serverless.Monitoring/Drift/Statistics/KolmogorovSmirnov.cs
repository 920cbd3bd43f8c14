namespace Serverless.Monitoring.Drift.Statistics;

/// <summary>The two-sample Kolmogorov-Smirnov test: the largest distance between the two empirical distribution functions.</summary>
/// <param name="Statistic">The distance D, 0 to 1: the share of values that would have to move.</param>
/// <param name="Location">A value at which the distance is reached; NaN for an empty sample.</param>
/// <param name="PValue">How likely so large a distance is if both samples come from one distribution.</param>
public sealed record KolmogorovSmirnov(double Statistic, double Location, double PValue)
{
    /// <summary>Samples up to this size get an exact p-value, as SciPy's <c>ks_2samp(method="auto")</c> gives them.</summary>
    public const int ExactSize = 10_000;

    /// <summary>
    /// The test of two samples. NaN and infinities are left out. D is exact; no sample is sorted as a whole if it is large.
    /// </summary>
    public static KolmogorovSmirnov Of(ReadOnlySpan<double> reference, ReadOnlySpan<double> current)
    {
        var left = FiniteValues.Of(reference);
        var right = FiniteValues.Of(current);
        var (d, location) = KsDistance.Of(left, right);
        return new KolmogorovSmirnov(d, location, Probability(d, left.Length, right.Length));
    }

    /// <summary>
    /// The chance of a distance at least as large: exact for samples of at most <see cref="ExactSize"/> values, else
    /// <see cref="Asymptotic"/>.
    /// </summary>
    public static double Probability(double d, long first, long second) =>
        Math.Max(first, second) <= ExactSize ? Exact(d, first, second) : Asymptotic(d, first, second);

    /// <summary>Exact for values without ties, else too large rather than too small. Time and memory grow with the sizes.</summary>
    public static double Exact(double d, long first, long second) =>
        double.IsNaN(d) || first <= 0 || second <= 0 ? double.NaN : KsExact.Above(d, first, second);

    /// <summary>By the one-sample distribution of a sample of first·second/(first+second) values (SciPy's <c>method="asymp"</c>).</summary>
    public static double Asymptotic(double d, long first, long second) =>
        KolmogorovDistribution.Above((long)Math.Round(EffectiveSize(first, second)), d);

    /// <summary>By Kolmogorov's limit distribution.</summary>
    public static double Limit(double d, long first, long second) =>
        KolmogorovDistribution.LimitAbove(Math.Sqrt(EffectiveSize(first, second)) * d);

    private static double EffectiveSize(long first, long second) =>
        first <= 0 || second <= 0 ? double.NaN : (double)first * second / ((double)first + second);
}
