using System.Globalization;
using Serverless.Core;
using Serverless.Core.Columns;
using Serverless.Monitoring.Performance;

namespace Serverless.Monitoring.Checks;

/// <summary>
/// Measures how well each single column predicts the label. It is fitted on the training rows and measured on the test rows, so that an id
/// column, which predicts every training label, does not look like a leak.
/// </summary>
internal static class SinglePower
{
    private const int Bins = 20;

    public static IEnumerable<Check> Check(ColumnFrame train, ColumnFrame test, LeakageOptions options)
    {
        if (Numbers(train[options.Label], test[options.Label]) is not var (learn, judge, isBinary))
        {
            yield return new Check(
                "single columns that predict the label",
                null,
                $"'{options.Label}' has more than two values and is not numeric, so single columns were not checked."
            );
            yield break;
        }

        var measure = isBinary ? "AUC" : "share of the variance";
        var best = (Name: "", Power: double.NegativeInfinity);
        var leaks = 0;
        foreach (var column in train.Columns)
        {
            if (
                column.Name == options.Label
                || column.Name == options.Id
                || options.Allow.Contains(column.Name)
                || !test.TryGetOf(column, out var other)
            )
            {
                continue;
            }

            var power = Power(Predict(column, learn, other), judge, isBinary);
            best = power > best.Power ? (column.Name, power) : best;
            if (power >= options.MostSinglePower)
            {
                leaks++;
                yield return new Check(
                    $"column '{column.Name}'",
                    false,
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"'{column.Name}' alone predicts '{options.Label}' on the test rows: {measure} {power:0.000}."
                    ),
                    $"If its value is not known at prediction time, drop the column. If it is, allow it with --allow {column.Name}."
                );
            }
        }

        if (leaks == 0)
        {
            yield return new Check(
                "single columns that predict the label",
                true,
                best.Name.Length == 0
                    ? "The label is the only column."
                    : string.Create(
                        CultureInfo.InvariantCulture,
                        $"None. The strongest, '{best.Name}', has {measure} {best.Power:0.000}; "
                            + $"{options.MostSinglePower:0.00} would indicate a leak."
                    )
            );
        }
    }

    private static bool TryGetOf(this ColumnFrame frame, Column column, out Column other)
    {
        var found = frame.TryGet(column.Name, out var same) && same.IsNumeric == column.IsNumeric;
        other = found ? same! : column;
        return found;
    }

    /// <summary>
    /// Returns the mean label of each category, or of each of twenty bins of equal count, which captures a relation of any shape.
    /// </summary>
    private static double[] Predict(Column train, double[] labels, Column test)
    {
        var group = Grouping(train);
        var sums = new Dictionary<string, (double Sum, int Count)>(StringComparer.Ordinal);
        for (var i = 0; i < train.Length; i++)
        {
            var (sum, count) = sums.GetValueOrDefault(group(train, i));
            sums[group(train, i)] = (sum + labels[i], count + 1);
        }

        var mean = labels.Average();
        return [.. Enumerable.Range(0, test.Length).Select(i => sums.TryGetValue(group(test, i), out var s) ? s.Sum / s.Count : mean)];
    }

    private static Func<Column, int, string> Grouping(Column train)
    {
        if (!train.IsNumeric)
        {
            return (column, row) => column.GetText(row) ?? "\u0000";
        }

        var values = train.Numbers.ToArray().Where(v => !double.IsNaN(v)).Order().ToArray();
        var edges =
            values.Length == 0
                ? []
                : Enumerable.Range(1, Bins - 1).Select(i => values[(int)((long)i * values.Length / Bins)]).Distinct().ToArray();
        return (column, row) =>
        {
            if (column.IsNull(row))
            {
                return "\u0000";
            }

            var at = Array.BinarySearch(edges, column.GetNumber(row));
            return (at < 0 ? ~at : at + 1).ToString(CultureInfo.InvariantCulture);
        };
    }

    private static double Power(double[] predicted, double[] labels, bool isBinary)
    {
        if (isBinary)
        {
            return BinaryMetrics.AucOf(labels, predicted) is var auc && double.IsNaN(auc) ? 0 : auc;
        }

        var mean = labels.Average();
        var (left, all) = (labels.Zip(predicted, (y, p) => (y - p) * (y - p)).Sum(), labels.Sum(y => (y - mean) * (y - mean)));
        return all > 0 ? 1 - (left / all) : 0;
    }

    private static (double[] Train, double[] Test, bool IsBinary)? Numbers(Column train, Column test)
    {
        if (train.NullCount + test.NullCount > 0)
        {
            throw ServerlessException.Invalid($"The label '{train.Name}' has nulls.", "Remove rows without a label.");
        }

        var values = Enumerable
            .Range(0, train.Length)
            .Select(i => train.GetText(i)!)
            .Concat(Enumerable.Range(0, test.Length).Select(i => test.GetText(i)!))
            .Distinct(StringComparer.Ordinal)
            .Take(3)
            .ToArray();
        if (values.Length <= 2)
        {
            return (Ones(train, values[0]), Ones(test, values[0]), true);
        }

        return train.IsNumeric && test.IsNumeric ? (train.Numbers.ToArray(), test.Numbers.ToArray(), false) : null;

        static double[] Ones(Column column, string value) =>
            [.. Enumerable.Range(0, column.Length).Select(i => column.GetText(i) == value ? 1.0 : 0.0)];
    }
}
