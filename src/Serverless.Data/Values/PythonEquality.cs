using System.Numerics;

namespace Serverless.Data.Values;

/// <summary>Implements Python's `==`, which DVC uses for parameters, commands and metrics. `1`, `1.0` and `True` are equal, NaN is not
/// equal to itself, and the order of a map does not count.</summary>
public static class PythonEquality
{
    public static bool AreEqual(DataNode? a, DataNode? b) =>
        (a, b) switch
        {
            (null, null) => true,
            (null, _) or (_, null) => false,
            (DataMap x, DataMap y) => x.Entries.Count == y.Entries.Count && x.Entries.All(e => AreEqual(e.Value, Find(y, e.Key))),
            (DataList x, DataList y) => x.Kind == y.Kind
                && x.Items.Count == y.Items.Count
                && x.Items.Zip(y.Items).All(p => AreEqual(p.First, p.Second)),
            (DataScalar x, DataScalar y) => Scalars(x, y),
            _ => false,
        };

    /// <summary>Returns true for numbers in Python's sense, which include booleans.</summary>
    public static bool IsNumber(DataNode? node) => node?.Kind is DataKind.Int or DataKind.Float or DataKind.Bool;

    private static DataNode? Find(DataMap map, DataScalar key) =>
        key.AsText is { } text ? map[text] : map.Entries.FirstOrDefault(e => Scalars(e.Key, key))?.Value;

    private static bool Scalars(DataScalar x, DataScalar y)
    {
        if (!IsNumber(x) || !IsNumber(y))
        {
            return x.Matches(y);
        }

        return (Number(x), Number(y)) switch
        {
            (BigInteger i, BigInteger j) => i == j,
            (double d, double e) => d == e,
            (BigInteger i, double d) => IsSame(i, d),
            (double d, BigInteger i) => IsSame(i, d),
            _ => false,
        };
    }

    // Exact, as in Python: no rounding of the integer.
    private static bool IsSame(BigInteger whole, double real) =>
        double.IsFinite(real) && Math.Floor(real) == real && new BigInteger(real) == whole;

    private static object Number(DataScalar scalar) => scalar.Value is bool b ? (b ? BigInteger.One : BigInteger.Zero) : scalar.Value!;
}
