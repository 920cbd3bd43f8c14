using System.Globalization;
using System.Numerics;
using Serverless.Core;
using Serverless.Data.Values;

namespace Serverless.Dvc.Compare;

/// <summary>A value in two revisions; null where it is missing.</summary>
internal sealed record ValueChange(DataNode? Old, DataNode? New)
{
    /// <summary>Gets new minus old, for numbers.</summary>
    public DataScalar? Difference =>
        PythonEquality.IsNumber(Old) && PythonEquality.IsNumber(New) ? Minus((DataScalar)New!, (DataScalar)Old!) : null;

    public DataMap ToData()
    {
        var entries = new List<DataEntry>
        {
            FileValues.Entry("old", Old ?? DataScalar.Null()),
            FileValues.Entry("new", New ?? DataScalar.Null()),
        };
        if (Difference is { } difference)
        {
            entries.Add(FileValues.Entry("diff", difference));
        }

        return new DataMap(entries);
    }

    private static DataScalar Minus(DataScalar a, DataScalar b) =>
        a.Value is double || b.Value is double ? DataScalar.Float(Real(a) - Real(b)) : DataScalar.Int(Whole(a) - Whole(b));

    private static double Real(DataScalar value) => value.Value is double real ? real : (double)Whole(value);

    private static BigInteger Whole(DataScalar value) =>
        value.Value is bool truth ? (truth ? BigInteger.One : BigInteger.Zero) : (BigInteger)value.Value!;
}

/// <summary>Compares the values of two revisions, file by file, by the dotted path of each value.</summary>
internal static class ValueDiff
{
    public static OrderedDictionary<string, OrderedDictionary<string, ValueChange>> Of(
        RevisionValues? old,
        RevisionValues? now,
        bool withUnchanged
    )
    {
        var result = new OrderedDictionary<string, OrderedDictionary<string, ValueChange>>(StringComparer.Ordinal);
        var paths = (old?.Files.Keys.AsEnumerable() ?? [])
            .Concat(now?.Files.Keys.AsEnumerable() ?? [])
            .Distinct(StringComparer.Ordinal)
            .Order(CodePointOrder.Instance);
        foreach (var path in paths)
        {
            var left = Flat(old?.Files.GetValueOrDefault(path)?.Data);
            var right = Flat(now?.Files.GetValueOrDefault(path)?.Data);
            var changes = new OrderedDictionary<string, ValueChange>(StringComparer.Ordinal);
            foreach (var name in left.Keys.Concat(right.Keys).Distinct(StringComparer.Ordinal).Order(CodePointOrder.Instance))
            {
                var (a, b) = (left.GetValueOrDefault(name), right.GetValueOrDefault(name));
                if (withUnchanged || !IsSame(a, b))
                {
                    changes[name] = new ValueChange(a, b);
                }
            }

            if (changes.Count > 0)
            {
                result[path] = changes;
            }
        }

        return result;
    }

    /// <summary>Returns the single values by dotted path. A list is one value, formatted as in Python.</summary>
    public static OrderedDictionary<string, DataNode> Flat(DataNode? node)
    {
        var result = new OrderedDictionary<string, DataNode>(StringComparer.Ordinal);
        Flatten(node, "", result);
        return result;
    }

    private static void Flatten(DataNode? node, string name, OrderedDictionary<string, DataNode> into)
    {
        switch (node)
        {
            case null:
                break;
            case DataMap map:
                foreach (var entry in map.Entries)
                {
                    var key = PythonText.Str(entry.Key);
                    Flatten(entry.Value, name.Length == 0 ? key : string.Create(CultureInfo.InvariantCulture, $"{name}.{key}"), into);
                }

                break;
            case DataList { Kind: DataKind.List } list:
                into[name] = DataScalar.Text(PythonText.Str(list));
                break;
            default:
                into[name] = node;
                break;
        }
    }

    // None and a missing value are the same for DVC.
    private static bool IsSame(DataNode? a, DataNode? b) =>
        PythonEquality.AreEqual(a is { IsNull: true } ? null : a, b is { IsNull: true } ? null : b);
}
