namespace Serverless.Monitoring.Drift.Statistics;

/// <summary>Count, mean and sum of squared deviations, which can be joined (Chan, Golub and LeVeque, 1983).</summary>
internal readonly record struct Moments(long Count, double Mean, double Squares)
{
    public double PopulationDeviation => Count == 0 ? double.NaN : Math.Sqrt(Squares / Count);

    public double SampleDeviation => Count < 2 ? double.NaN : Math.Sqrt(Squares / (Count - 1));

    /// <summary>Of finite values, in two passes: one would cancel digits where the values are far from zero and close together.</summary>
    public static Moments Of(ReadOnlySpan<double> values)
    {
        if (values.IsEmpty)
        {
            return default;
        }

        var sum = 0.0;
        foreach (var value in values)
        {
            sum += value;
        }

        var mean = sum / values.Length;
        var (rest, squares) = (0.0, 0.0);
        foreach (var value in values)
        {
            rest += value - mean;
            squares += (value - mean) * (value - mean);
        }

        return new Moments(values.Length, mean + (rest / values.Length), squares - (rest * rest / values.Length));
    }

    public Moments Join(Moments other)
    {
        if (Count == 0 || other.Count == 0)
        {
            return Count == 0 ? other : this;
        }

        double total = Count + other.Count;
        var difference = other.Mean - Mean;
        return new Moments(
            Count + other.Count,
            Mean + (difference * other.Count / total),
            Squares + other.Squares + (difference * difference * Count * other.Count / total)
        );
    }
}
