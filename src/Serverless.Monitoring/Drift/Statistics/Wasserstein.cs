namespace Serverless.Monitoring.Drift.Statistics;

/// <summary>Wasserstein's first distance (the earth mover's): the area between two empirical distribution functions.</summary>
public static class Wasserstein
{
    /// <summary>The least deviation it is divided by, as Evidently has it.</summary>
    public const double LeastDeviation = 0.001;

    /// <summary>The distance of two samples. NaN and infinities are left out.</summary>
    public static double Distance(ReadOnlySpan<double> reference, ReadOnlySpan<double> current) =>
        OfSorted(FiniteValues.Sorted(reference), FiniteValues.Sorted(current));

    /// <summary>The distance in standard deviations (divided by n) of the reference, or thousandths if that is smaller.</summary>
    public static double Normed(ReadOnlySpan<double> reference, ReadOnlySpan<double> current) =>
        Distance(reference, current) / Math.Max(Moments.Of(FiniteValues.Of(reference)).PopulationDeviation, LeastDeviation);

    internal static double OfSorted(ReadOnlySpan<double> reference, ReadOnlySpan<double> current)
    {
        if (reference.IsEmpty || current.IsEmpty)
        {
            return double.NaN;
        }

        var (i, j, area) = (0, 0, 0.0);
        var last = Math.Min(reference[0], current[0]);
        while (i < reference.Length || j < current.Length)
        {
            var value =
                i == reference.Length ? current[j]
                : j == current.Length ? reference[i]
                : Math.Min(reference[i], current[j]);
            area += Math.Abs(((double)i / reference.Length) - ((double)j / current.Length)) * (value - last);
            last = value;
            while (i < reference.Length && reference[i] <= value)
            {
                i++;
            }

            while (j < current.Length && current[j] <= value)
            {
                j++;
            }
        }

        return area;
    }
}
