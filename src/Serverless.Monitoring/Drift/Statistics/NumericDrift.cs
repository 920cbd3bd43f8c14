namespace Serverless.Monitoring.Drift.Statistics;

/// <summary>
/// The Kolmogorov-Smirnov test and PSI by the deciles of the reference, of the same look at two large columns. Both are exact.
/// </summary>
public sealed record NumericDrift(KolmogorovSmirnov Test, double Psi)
{
    /// <summary>Of two samples. NaN and infinities are left out; a sample without any other value has NaN for everything.</summary>
    public static NumericDrift Of(ReadOnlySpan<double> reference, ReadOnlySpan<double> current)
    {
        var left = FiniteValues.Of(reference);
        var right = FiniteValues.Of(current);
        if (left.IsEmpty || right.IsEmpty)
        {
            return new NumericDrift(new KolmogorovSmirnov(double.NaN, double.NaN, double.NaN), double.NaN);
        }

        var samples = new LargeSamples(left, right);
        var p = KolmogorovSmirnov.Probability(samples.D, left.Length, right.Length);
        return new NumericDrift(
            new KolmogorovSmirnov(samples.D, samples.Location, p),
            Divergence.Psi(samples.ReferenceShares, samples.CurrentShares)
        );
    }
}
