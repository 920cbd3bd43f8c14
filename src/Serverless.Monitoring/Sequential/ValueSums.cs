namespace Serverless.Monitoring.Sequential;

/// <summary>Number, sum and sum of squares, which hosts can add up independently of one another.</summary>
public readonly record struct ValueSums(long Count, double Sum, double SumOfSquares)
{
    public double Mean => Count > 0 ? Sum / Count : double.NaN;

    /// <summary>Gets the unbiased variance; NaN for fewer than two values.</summary>
    public double Variance => Count > 1 ? Math.Max(0, (SumOfSquares - (Sum * Sum / Count)) / (Count - 1)) : double.NaN;

    public static ValueSums operator +(ValueSums a, ValueSums b) => new(a.Count + b.Count, a.Sum + b.Sum, a.SumOfSquares + b.SumOfSquares);

    public static ValueSums Add(ValueSums left, ValueSums right) => left + right;

    public ValueSums With(double value) => new(Count + 1, Sum + value, SumOfSquares + (value * value));
}
